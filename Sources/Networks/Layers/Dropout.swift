public import UnrollArrays
public import UnrollAutograd

/// Sets random elements to zero in training, and scales the others by 1 / (1 − rate), so that the mean is preserved.
///
/// It has no mode and no state. It drops only if it is called with a generator; called without one, as in evaluation, it is the
/// identity. It can therefore be a layer of a `Sequential`.
///
///     var generator = Generator(seed: 1)
///     let dropout = Dropout(0.5)
///     let y = dropout(Tensor.ones([2, 3]), using: &generator)  // zeros and twos
///     let same = dropout(Tensor.ones([2, 3]))  // ones
public struct Dropout: Layer {
  /// The probability that an element is dropped, in `0..<1`.
  public let rate: Double

  /// A layer with the given dropout probability.
  public init(_ rate: Double) {
    require(rate >= 0 && rate < 1, "Dropout: a rate of \(rate) is not in 0..<1")
    self.rate = rate
  }

  /// Visits nothing: there are no parameters.
  public mutating func visit(_ visitor: Visitor) {}

  /// The input itself.
  public func callAsFunction(_ x: Tensor) -> Tensor { x }

  /// The input times given factors, which have the input's shape or broadcast to it.
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

  /// The input with elements dropped independently, and the others scaled.
  public func callAsFunction(_ x: Tensor, using generator: inout Generator) -> Tensor {
    rate == 0 ? x : x * mask(x.shape, x.type, using: &generator)
  }

  /// A draw of factors: 0 with probability `rate`, and 1 / (1 − rate) otherwise.
  ///
  ///     var generator = Generator(seed: 1)
  ///     let factors = Dropout(0.2).mask([32, 64], using: &generator)
  public func mask(_ shape: Shape, _ type: ElementType = .float32, using generator: inout Generator) -> Tensor {
    Tensor(NDArray.bernoulli(shape, probability: 1 - rate, of: 1 / (1 - rate), type, using: &generator))
  }

  /// A draw of factors that all steps of a sequence share: their extent along the time axis is 1, so that they broadcast.
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
