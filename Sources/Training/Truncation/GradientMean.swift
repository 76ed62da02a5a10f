internal import UnrollArrays
public import UnrollNetworks

/// Accumulates the gradients of parts of a batch into the gradient of the whole: Σ w g / Σ w.
///
/// If each part's loss is a mean over its targets, and w their number, the result is the gradient of the mean over all targets,
/// whatever the sizes of the parts. If the losses are sums, use `sum` with weights of 1. `loss` is the weighted mean of the
/// losses.
///
///     let layer = Linear(3, 1, using: &generator)
///     var mean = GradientMean<Linear>()
///     for rows in [0..<5, 5..<8] {
///       let inputs = x[rows]
///       let (loss, slope) = valueAndGradient(at: layer) { $0(inputs).square().mean() }
///       mean.add(slope, loss: loss.item, weight: Double(rows.count))
///     }
///     print(mean.loss, mean.gradient.norm)
public struct GradientMean<Model: Module>: Sendable {
  /// Σ w g; nil before anything was added.
  public private(set) var sum: Model?
  /// Σ w.
  public private(set) var weight = 0.0
  /// The weighted mean of the losses.
  private var losses = WeightedMean()

  /// An empty mean.
  public init() {}

  /// The number of gradients added.
  public private(set) var count = 0

  /// Adds a part's gradient and loss; the weight is the number of targets over which they are means.
  public mutating func add(_ gradient: Model, loss: Double = .nan, weight: Double = 1) {
    require(weight >= 0 && weight.isFinite, "GradientMean: a weight of \(weight) is negative or not finite")
    count += 1
    if weight == 0 { return }
    self.weight += weight
    losses.add(loss, weight: weight)
    let part = weight == 1 ? gradient : gradient * weight
    sum = sum.map { $0 + part } ?? part
  }

  /// Σ w g / Σ w.
  public var gradient: Model {
    guard let sum, weight > 0 else { stop("GradientMean: nothing with a weight above 0 has been added, so there is no mean") }
    return sum * (1 / weight)
  }

  /// Σ w loss / Σ w; NaN if any loss was not given.
  public var loss: Double { losses.value }
}

/// A weighted mean of numbers, such as the losses of windows of different lengths.
///
///     var mean = WeightedMean()
///     mean.add(2.0, weight: 64)
///     mean.add(3.0, weight: 16)
///     print(mean.value)  // 2.2
public struct WeightedMean: Sendable, Equatable {
  private var sum = 0.0
  /// Σ w.
  public private(set) var weight = 0.0

  /// An empty mean.
  public init() {}

  /// Adds a number; with weight 0 it has no effect.
  public mutating func add(_ number: Double, weight: Double = 1) {
    require(weight >= 0 && weight.isFinite, "WeightedMean: a weight of \(weight) is negative or not finite")
    if weight == 0 { return }
    sum += weight * number
    self.weight += weight
  }

  /// Σ w x / Σ w; NaN before anything was added.
  public var value: Double { weight > 0 ? sum / weight : .nan }
}
