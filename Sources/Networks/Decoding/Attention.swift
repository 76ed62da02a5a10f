public import UnrollArrays
public import UnrollAutograd

/// Attention over the states of an encoder: the context is the mean of the states, weighted by the softmax of their scores for
/// a query.
///
/// It can be differentiated any number of times. Padding has no weight, and nothing depends on it, even if it holds NaN.
///
///     let encoder = GRU(8, 16, using: &generator)
///     let attention = AdditiveAttention(queries: 12, features: 16, units: 10, using: &generator)
///     let (states, _) = encoder(Tensor.ones([2, 5, 8]), lengths: [5, 3])
///     let memory = attention.memory(states, lengths: [5, 3])
///     let (context, weights) = attention(Tensor.ones([2, 12]), over: memory)  // [2, 16] and [2, 5]
public protocol Attention: Module {
  /// The keys of the states, which the scores compare with queries: `[batch, time, features]` gives `[batch, time, anything]`.
  func keys(_ states: Tensor) -> Tensor

  /// The scores of each state for each query: `[batch, steps, queries]` and keys `[batch, time, anything]` give `[batch, steps,
  /// time]`.
  func scores(_ queries: Tensor, _ keys: Tensor) -> Tensor
}

/// Encoder states prepared for attention. They are part of a decoder's state, so that each row of a batch carries its own.
public struct AttentionMemory: TensorGroup {
  /// The states, `[batch, time, features]`; zero at padding.
  public private(set) var states: Tensor
  /// The keys of the states, `[batch, time, anything]`.
  public private(set) var keys: Tensor
  /// 1 at states and 0 at padding, `[batch, time]`.
  public private(set) var counted: Tensor

  init(states: Tensor, keys: Tensor, counted: Tensor) { (self.states, self.keys, self.counted) = (states, keys, counted) }

  public mutating func visitTensors(_ visit: (inout Tensor) -> Void) {
    visit(&states)
    visit(&keys)
    visit(&counted)
  }
}

/// The state of a decoder with attention: its recurrent state and the encoder states it attends to.
///
///     let embedding = Embedding(10, 4, using: &generator)
///     let (gru, output) = (GRU(4, 4, using: &generator), Linear(8, 10, using: &generator))
///     let memory = DotAttention().memory(Tensor.ones([2, 5, 4]), lengths: [5, 3])
///     let state = AttendingState(recurrent: gru.initialState(batch: 2), memory: memory)
///     let decoder = TokenDecoder(vocabulary: 10, end: 1) { (ids: Indices, state: inout AttendingState<GRU.State>) in
///       let hidden = gru.next(embedding(ids), state: &state.recurrent)
///       return output(Tensor.concatenate([hidden, DotAttention()(hidden, over: state.memory).context], axis: -1))
///     }
///     let beams = decoder.beams([0, 0], from: state, width: 3, maximumLength: 20)
public struct AttendingState<Recurrent: TensorGroup>: TensorGroup {
  /// The state of the recurrent network.
  public var recurrent: Recurrent
  /// The encoder states.
  public var memory: AttentionMemory

  /// A state with both parts.
  public init(recurrent: Recurrent, memory: AttentionMemory) { (self.recurrent, self.memory) = (recurrent, memory) }

  public mutating func visitTensors(_ visit: (inout Tensor) -> Void) {
    recurrent.visitTensors(visit)
    memory.visitTensors(visit)
  }
}

extension Attention {
  /// Prepares encoder states `[batch, time, features]`. Padding is what follows a row's length, or where the mask `[batch,
  /// time]` is false.
  ///
  ///     let memory = DotAttention().memory(Tensor.ones([2, 5, 4]), lengths: [5, 3])
  public func memory(_ states: Tensor, lengths: [Int]? = nil, mask: Mask? = nil) -> AttentionMemory {
    require(states.rank == 3, "attention: states of shape \(states.shape) are not [batch, time, features]")
    let counted = countedSteps(states, lengths, mask)
    guard let counted else { return AttentionMemory(states: states, keys: keys(states), counted: allCount(states)) }
    let clean = Tensor.select(counted.reshaped(counted.shape.followed(by: [1])), states, Tensor(0, states.type))
    return AttentionMemory(states: clean, keys: keys(clean), counted: counted.cast(to: states.type))
  }

  /// The weighted mean of the states for each query, and the weights, which sum to one.
  ///
  /// Queries `[batch, queries]` give contexts `[batch, features]` and weights `[batch, time]`; queries of several steps,
  /// `[batch, steps, queries]`, give `[batch, steps, features]` and `[batch, steps, time]`.
  ///
  ///     let memory = DotAttention().memory(Tensor.ones([2, 5, 4]), lengths: [5, 3])
  ///     let (context, weights) = DotAttention()(Tensor.ones([2, 4]), over: memory)
  public func callAsFunction(_ queries: Tensor, over memory: AttentionMemory) -> (context: Tensor, weights: Tensor) {
    if queries.rank == 2 {
      let (context, weights) = self(queries.expandingAxis(1), over: memory)
      return (context.squeezingAxis(1), weights.squeezingAxis(1))
    }
    let (batch, time) = (memory.states.shape[0], memory.states.shape[1])
    require(
      queries.rank == 3 && queries.shape[0] == batch,
      "attention: queries of shape \(queries.shape) are neither [\(batch), queries] nor [\(batch), steps, queries]")
    let scores = scores(queries, memory.keys)
    require(
      scores.shape == [batch, queries.shape[1], time],
      "attention: scores of shape \(scores.shape) are not \([batch, queries.shape[1], time])")
    let weights = scores.selected(wherePositive: memory.counted.reshaped([batch, 1, time]), else: -.infinity).softmax()
    return (weights.matmul(memory.states), weights)
  }

  private func allCount(_ states: Tensor) -> Tensor { Tensor.ones(Shape(states.shape.dropLast()), states.type) }

  /// Which steps of which rows can be attended to, `[batch, time]`; nil if all can.
  private func countedSteps(_ states: Tensor, _ lengths: [Int]?, _ mask: Mask?) -> Mask? {
    let (batch, time) = (states.shape[0], states.shape[1])
    require(lengths == nil || mask == nil, "attention: give lengths or a mask, not both")
    require(time > 0, "attention: states of shape \(states.shape) have no steps to attend to")
    if let lengths {
      require(lengths.count == batch, "attention: \(lengths.count) lengths do not fit \(batch) rows")
      if let length = lengths.first(where: { $0 <= 0 || $0 > time }) {
        stop("attention: a length of \(length) is not in 1...\(time)")
      }
      return Mask(lengths.flatMap { length in (0..<time).map { $0 < length } }, shape: [batch, time])
    }
    guard let mask else { return nil }
    require(mask.shape == [batch, time], "attention: a mask of shape \(mask.shape) is not \([batch, time])")
    let values = mask.values
    for row in 0..<batch {
      require(
        values[(row * time)..<((row + 1) * time)].contains(true), "attention: the mask excludes every step of row \(row)")
    }
    return mask
  }
}

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
  let isScaled: Bool

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
