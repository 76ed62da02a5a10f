public import UnrollArrays
public import UnrollAutograd

/// Bahdanau's attention: a query q and a state s have the score tanh(q·Q + s·K + b)·v.
///
///     let attention = AdditiveAttention(queries: 12, features: 16, units: 10, using: &generator)
///     let memory = attention.memory(Tensor.ones([2, 5, 16]), lengths: [5, 3])
///     let (context, weights) = attention(Tensor.ones([2, 12]), over: memory)  // [2, 16] and [2, 5]
public struct AdditiveAttention: Attention {
  /// Q, `[queries, units]`.
  public var queryWeight: Tensor
  /// K, `[features, units]`.
  public var keyWeight: Tensor
  /// b, `[units]`, or nil.
  public var bias: Tensor?
  /// v, `[units]`.
  public var scoreWeight: Tensor

  /// An attention with the given weights.
  public init(queryWeight: Tensor, keyWeight: Tensor, bias: Tensor?, scoreWeight: Tensor) {
    require(
      queryWeight.rank == 2 && keyWeight.rank == 2 && queryWeight.shape[1] == keyWeight.shape[1]
        && scoreWeight.shape == [keyWeight.shape[1]] && (bias.map { $0.shape == scoreWeight.shape } ?? true),
      "AdditiveAttention: weights of shapes \(queryWeight.shape), \(keyWeight.shape) and \(scoreWeight.shape) are not "
        + "[queries, units], [features, units] and [units]")
    self.queryWeight = queryWeight
    self.keyWeight = keyWeight
    self.bias = bias
    self.scoreWeight = scoreWeight
  }

  /// Glorot-uniform weights, and biases of 0.
  public init(
    queries: Int, features: Int, units: Int, bias: Bool = true, _ type: ElementType = .float32,
    using generator: inout Generator
  ) {
    require(
      queries > 0 && features > 0 && units > 0,
      "AdditiveAttention: \(queries) features of queries, \(features) of states and \(units) units do not make an attention")
    self.init(
      queryWeight: Initializer.glorotUniform([queries, units], type, using: &generator),
      keyWeight: Initializer.glorotUniform([features, units], type, using: &generator),
      bias: bias ? Tensor.zeros([units], type) : nil,
      scoreWeight: Initializer.glorotUniform([units, 1], type, using: &generator).reshaped([units]))
  }

  public mutating func visit(_ visitor: Visitor) {
    visitor("queryWeight", &queryWeight)
    visitor("keyWeight", &keyWeight)
    visitor("bias", &bias)
    visitor("scoreWeight", &scoreWeight)
  }

  public func keys(_ states: Tensor) -> Tensor {
    require(
      states.shape[states.rank - 1] == keyWeight.shape[0],
      "AdditiveAttention: states of shape \(states.shape) do not have \(keyWeight.shape[0]) features")
    return bias.map { states.affine(keyWeight, bias: $0) } ?? states.matmul(keyWeight)
  }

  public func scores(_ queries: Tensor, _ keys: Tensor) -> Tensor {
    require(
      queries.shape[queries.rank - 1] == queryWeight.shape[0],
      "AdditiveAttention: queries of shape \(queries.shape) do not have \(queryWeight.shape[0]) features")
    return (queries.matmul(queryWeight).expandingAxis(2) + keys.expandingAxis(1)).tanh().matmul(scoreWeight)
  }
}
