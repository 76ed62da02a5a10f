public import UnrollArrays
public import UnrollAutograd

/// Zeros in random places while training; what remains is scaled by 1 / (1 − rate), so that means stay.
///
/// It has no mode and no state: it drops where it is called with a generator, and by what that draws. Called without one, as evaluation
/// calls it, it is the identity; so it may stand among the layers of a `Sequential`.
///
///     var generator = Generator(seed: 1)
///     let dropout = Dropout(0.5)
///     let y = dropout(Tensor.ones([2, 3]), using: &generator)  // zeros and twos
///     let same = dropout(Tensor.ones([2, 3]))  // ones
public struct Dropout: Layer {
  /// The probability that a number is dropped, from 0 up to, not including, 1.
  public let rate: Double

  /// A layer that drops with the given probability.
  public init(_ rate: Double) {
    require(rate >= 0 && rate < 1, "Dropout: a rate of \(rate) is not from 0 up to, not including, 1")
    self.rate = rate
  }

  /// There are no parameters.
  public mutating func visit(_ visitor: Visitor) {}

  /// The input itself.
  public func callAsFunction(_ x: Tensor) -> Tensor { x }

  /// The input times factors that are given: one number for each of the input's, or such as broadcast to it.
  ///
  ///     let dropout = Dropout(0.5)
  ///     let y = dropout(Tensor.ones([2, 3]), factors: [[2, 0, 2], [0, 0, 2]])
  public func callAsFunction(_ x: Tensor, factors: Tensor) -> Tensor {
    let (extra, rank) = (x.rank - factors.rank, factors.rank)
    require(
      extra >= 0 && (0..<rank).allSatisfy { factors.shape[$0] == 1 || factors.shape[$0] == x.shape[extra + $0] },
      "Dropout: factors of shape \(factors.shape) do not fit an input of shape \(x.shape)")
    return x * factors
  }

  /// The input with numbers dropped, each on its own, and the others scaled.
  public func callAsFunction(_ x: Tensor, using generator: inout Generator) -> Tensor {
    rate == 0 ? x : x * mask(x.shape, x.type, using: &generator)
  }

  /// The factors of a draw: 0 with the probability `rate`, 1 / (1 − rate) otherwise.
  ///
  ///     var generator = Generator(seed: 1)
  ///     let factors = Dropout(0.2).mask([32, 64], using: &generator)
  public func mask(_ shape: Shape, _ type: ElementType = .float32, using generator: inout Generator) -> Tensor {
    Tensor(NDArray.bernoulli(shape, probability: 1 - rate, of: 1 / (1 - rate), type, using: &generator))
  }

  /// The factors of one draw for all steps of a sequence: they have extent 1 along the time axis, and broadcast.
  ///
  /// A sequence `[time, batch, features]` gets factors `[1, batch, features]`.
  ///
  ///     var generator = Generator(seed: 1)
  ///     let sequence = Tensor.ones([20, 32, 8])
  ///     let y = sequence * Dropout(0.2).lockedMask(sequence.shape, using: &generator)
  public func lockedMask(
    _ shape: Shape, _ type: ElementType = .float32, timeAxis: Int = 0, using generator: inout Generator
  ) -> Tensor {
    require(
      timeAxis >= -shape.count && timeAxis < shape.count, "lockedMask: shape \(shape) has no axis \(timeAxis) for time")
    var once = shape
    once[timeAxis < 0 ? timeAxis + shape.count : timeAxis] = 1
    return mask(once, type, using: &generator)
  }
}
