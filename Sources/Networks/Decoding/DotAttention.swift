public import UnrollArrays
public import UnrollAutograd

/// Luong's attention: a query q and a state s have the score q·s, or q·(s·W) with weights.
///
///     let plain = DotAttention()
///     let general = DotAttention(queries: 12, features: 16, using: &generator)
///     let memory = general.memory(Tensor.ones([2, 5, 16]), lengths: [5, 3])
///     let (context, weights) = general(Tensor.ones([2, 12]), over: memory)  // [2, 16] and [2, 5]
public struct DotAttention: Attention {
  /// W, `[features, queries]`, or nil if queries and states have the same width.
  public var weight: Tensor?
  /// Whether scores are divided by the square root of the width of the queries.
  public let isScaled: Bool

  /// An attention with the given weights.
  public init(weight: Tensor? = nil, isScaled: Bool = false) {
    if let weight {
      require(weight.rank == 2, "DotAttention: weights of shape \(weight.shape) are not [features, queries]")
    }
    self.weight = weight
    self.isScaled = isScaled
  }

  /// Weights drawn by the initialiser.
  public init(
    queries: Int, features: Int, isScaled: Bool = false, initializer: Initializer = .glorotUniform,
    _ type: ElementType = .float32, using generator: inout Generator
  ) {
    require(
      queries > 0 && features > 0, "DotAttention: \(queries) query features and \(features) state features must be positive")
    self.init(weight: initializer([features, queries], type, using: &generator), isScaled: isScaled)
  }

  public mutating func visit(_ visitor: Visitor) { visitor("weight", &weight) }

  public func keys(_ states: Tensor) -> Tensor {
    guard let weight else { return states }
    require(
      states.shape[states.rank - 1] == weight.shape[0],
      "DotAttention: states of shape \(states.shape) do not have \(weight.shape[0]) features")
    return states.matmul(weight)
  }

  public func scores(_ queries: Tensor, _ keys: Tensor) -> Tensor {
    let width = queries.shape[queries.rank - 1]
    require(
      width == keys.shape[keys.rank - 1],
      "DotAttention: queries of \(width) features do not fit keys of \(keys.shape[keys.rank - 1])")
    let scores = queries.matmul(keys.transposed(-2, -1))
    return isScaled ? scores * (1 / Double(width).squareRoot()) : scores
  }
}
