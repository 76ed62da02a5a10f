internal import UnrollArrays
public import UnrollAutograd
public import UnrollNetworks

/// The loss at ever higher learning rates, to find one to train with: a range test.
///
/// A copy of the model is trained with one rate after the other, from a low one to a high one in equal ratios, one update each.
/// Where the loss falls fastest, the rate is high enough to learn and low enough to be safe. The sweep ends early where the loss
/// is not finite or four times the first one. The model and the optimizer, which are values, stay as they are.
///
///     let sweep = LearningRateSweep(model, Adam(for: model), over: [x, x * 2], steps: 50) { model, x in
///       (model(x) - 1).square().mean()
///     }
///     print(sweep.suggestion ?? 0.001)
public struct LearningRateSweep: Sendable, Equatable {
  /// The rates, ascending.
  public let rates: [Double]
  /// The loss of the batch at each rate, before the update with that rate.
  public let losses: [Double]
  /// The mean of the losses around each rate, a tenth of all planned steps wide.
  public let smoothed: [Double]

  /// Trains a copy of the model for as many steps as there are rates. The batches are taken in order, from the first again after
  /// the last; the closure is the loss of a batch. With `clippingNorm` gradients are clipped to that norm, which training should
  /// do alike.
  public init<Model: Module, Rule: Optimizer<Model>, Batches: Collection>(
    _ model: Model, _ optimizer: Rule, over batches: Batches, from lowest: Double = 1e-6, to highest: Double = 1,
    steps: Int = 100, clippingNorm: Double? = nil, loss: (Model, Batches.Element) throws -> Tensor
  ) rethrows {
    require(
      lowest > 0 && lowest < highest && highest.isFinite,
      "LearningRateSweep: the rates from \(lowest) to \(highest) do not ascend from above 0")
    require(steps > 2, "LearningRateSweep: \(steps) steps are not at least 3")
    require(!batches.isEmpty, "LearningRateSweep: there are no batches")
    var (model, optimizer, place) = (model, optimizer, batches.startIndex)
    var (rates, losses): ([Double], [Double]) = ([], [])
    for step in 0..<steps {
      let rate = lowest * power(highest / lowest, Double(step) / Double(steps - 1))
      let (value, slope) = try valueAndGradient(at: model) { try loss($0, batches[place]) }
      guard value.item.isFinite else { break }
      rates.append(rate)
      losses.append(value.item)
      if value.item > losses[0] + 3 * losses[0].magnitude { break }
      optimizer.learningRate = rate
      optimizer.update(&model, along: clippingNorm.map { slope.clipped(norm: $0) } ?? slope)
      batches.formIndex(after: &place)
      if place == batches.endIndex { place = batches.startIndex }
    }
    (self.rates, self.losses) = (rates, losses)
    smoothed = LearningRateSweep.smoothed(losses, reach: max(1, steps / 20))
  }

  /// The rate at which the smoothed loss falls fastest on its way to its lowest value, per ratio of rates; nil if it never falls.
  public var suggestion: Double? {
    guard let lowest = smoothed.indices.min(by: { smoothed[$0] < smoothed[$1] }), lowest > 0 else { return nil }
    // The steps are equal ratios, so that differences of neighbours are slopes.
    let falls = (1...lowest).map { smoothed[$0 - 1] - smoothed[$0] }
    let steepest = falls.indices.max { falls[$0] < falls[$1] }
    return steepest.map { rates[$0 + 1] }
  }

  /// The means of all numbers at most `reach` places away.
  private static func smoothed(_ numbers: [Double], reach: Int) -> [Double] {
    numbers.indices.map { i in
      // As many on either side, or the ends of the curve would be bent.
      let reach = min(reach, i, numbers.count - 1 - i)
      return numbers[(i - reach)...(i + reach)].reduce(0, +) / Double(2 * reach + 1)
    }
  }
}
