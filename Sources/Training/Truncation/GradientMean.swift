internal import UnrollArrays
public import UnrollNetworks

/// Gradients of parts of a batch, gathered into that of the whole: Σ w g / Σ w.
///
/// Where a part's loss is the mean over its targets and w their number, this is the gradient of the mean over all targets, however
/// unequal the parts; where losses are sums, `sum` with weights of 1 is. The same mean of the losses is at hand.
///
///     let layer = Linear(3, 1, using: &generator)
///     var mean = GradientMean<Linear>()
///     for rows in [0..<5, 5..<8] {
///       let inputs = Tensor(x[rows])
///       let (loss, slope) = valueAndGradient(at: layer) { $0(inputs).square().mean() }
///       mean.add(slope, loss: loss.item, weight: Double(rows.count))
///     }
///     print(mean.loss, mean.gradient.norm)
public struct GradientMean<Model: Module>: Sendable {
  /// Σ w g; nil where nothing has been added.
  public private(set) var sum: Model?
  /// Σ w.
  public private(set) var weight = 0.0
  /// The losses' own mean.
  private var losses = WeightedMean()

  /// Of nothing yet.
  public init() {}

  /// How many gradients have been added.
  public private(set) var count = 0

  /// Adds a part's gradient and loss, with its weight: how many targets they are means over.
  public mutating func add(_ gradient: Model, loss: Double = .nan, weight: Double = 1) {
    require(weight >= 0 && weight.isFinite, "GradientMean: a weight of \(weight) is not a number of at least 0")
    count += 1
    if weight == 0 { return }
    self.weight += weight
    losses.add(loss, weight: weight)
    let part = weight == 1 ? gradient : gradient * weight
    sum = sum.map { $0 + part } ?? part
  }

  /// Σ w g / Σ w.
  public var gradient: Model {
    guard let sum, weight > 0 else { stop("GradientMean: nothing of a weight above 0 has been added, so there is no mean") }
    return sum * (1 / weight)
  }

  /// Σ w loss / Σ w; NaN where a loss was not given.
  public var loss: Double { losses.value }
}

/// A mean of numbers of different weights: what the losses of windows of different lengths come to.
///
///     var mean = WeightedMean()
///     mean.add(2.0, weight: 64)
///     mean.add(3.0, weight: 16)
///     print(mean.value)  // 2.2
public struct WeightedMean: Sendable, Equatable {
  private var sum = 0.0
  /// Σ w.
  public private(set) var weight = 0.0

  /// Of nothing yet.
  public init() {}

  /// Adds a number; one of weight 0 has no effect.
  public mutating func add(_ number: Double, weight: Double = 1) {
    require(weight >= 0 && weight.isFinite, "WeightedMean: a weight of \(weight) is not a number of at least 0")
    if weight == 0 { return }
    sum += weight * number
    self.weight += weight
  }

  /// Σ w x / Σ w; NaN where nothing has been added.
  public var value: Double { weight > 0 ? sum / weight : .nan }
}
