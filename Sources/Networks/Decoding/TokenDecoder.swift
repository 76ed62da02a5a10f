public import UnrollArrays
public import UnrollAutograd

/// Decodes sequences of tokens with any model that maps the previous token and a state to logits for the next token.
///
/// The step takes ids `[rows]` and a state whose tensors have one row for each id; it returns logits `[rows, vocabulary]` and
/// advances the state. The decoder adds, removes and reorders rows, so that everything that belongs to a row, including what an
/// encoder has read, must be in the state. A step that draws no random numbers and treats each row separately gives results
/// that do not depend on other rows.
///
///     let embedding = Embedding(10, 8, using: &generator)
///     let lstm = LSTM(8, 16, using: &generator)
///     let output = Linear(16, 10, using: &generator)
///     let decoder = TokenDecoder(vocabulary: 10, end: 1) { (ids: Indices, state: inout LSTM.State) in
///       output(lstm.next(embedding(ids), state: &state))
///     }
///     let greedy = decoder.greedy([0, 0], from: lstm.initialState(batch: 2), maximumLength: 20)
///     let beams = decoder.beams([0, 0], from: lstm.initialState(batch: 2), width: 4, maximumLength: 20)
public struct TokenDecoder<State: TensorGroup> {
  /// The number of tokens: ids are in `0..<vocabulary`.
  public let vocabulary: Int
  /// The token that ends a sequence; nil if only the maximum length does.
  public let end: Int?
  private let step: (_ ids: Indices, _ state: inout State) -> Tensor

  /// A decoder over a model's step.
  public init(vocabulary: Int, end: Int?, step: @escaping (_ ids: Indices, _ state: inout State) -> Tensor) {
    require(vocabulary > 0, "TokenDecoder: a vocabulary of \(vocabulary) has no tokens")
    if let end {
      require(end >= 0 && end < vocabulary, "TokenDecoder: the end token \(end) is not one of \(vocabulary) tokens")
    }
    self.vocabulary = vocabulary
    self.end = end
    self.step = step
  }
}

extension TokenDecoder {
  /// The logits after the given tokens, `[rows, vocabulary]`; advances the state.
  func logits(_ ids: Indices, _ state: inout State, _ operation: String) -> Tensor {
    let logits = step(ids, &state)
    require(
      logits.shape == [ids.count, vocabulary],
      "\(operation): logits of shape \(logits.shape) do not fit \(ids.count) rows and \(vocabulary) tokens")
    requireRows(state, ids.count, operation)
    return logits
  }

  /// The logarithms of the probabilities after the given tokens, row by row; unrecorded.
  func logarithms(_ tokens: [Int], _ state: inout State, _ operation: String) -> [Double] {
    let logits = logits(Indices(tokens), &state, operation)
    state = state.mappingTensors { $0.detached() }
    let logarithms = logits.array.cast(to: .float64).logSoftmax().scalars(as: Double.self)
    require(
      !logarithms.contains(where: \.isNaN),
      "\(operation): the logits of a row hold NaN or +∞, or are −∞ everywhere")
    return logarithms
  }

  /// Stops if the first tokens, the state or the maximum length are invalid.
  func requireBeginning(_ first: Indices, _ state: State, _ maximumLength: Int, _ operation: String) {
    require(
      first.rank == 1 && first.count > 0,
      "\(operation): first tokens of shape \(first.shape) are not a vector with one token per row")
    require(maximumLength > 0, "\(operation): a maximum length of \(maximumLength) leaves no room for a token")
    requireTokens(first, operation)
    requireRows(state, first.count, operation)
  }

  func requireTokens(_ ids: Indices, _ operation: String) {
    if let id = ids.values.first(where: { $0 < 0 || $0 >= vocabulary }) {
      stop("\(operation): the id \(id) is not one of \(vocabulary) tokens")
    }
  }

  private func requireRows(_ state: State, _ rows: Int, _ operation: String) {
    for tensor in state.tensors {
      require(
        tensor.rank > 0 && tensor.shape[0] == rows, "\(operation): a state of shape \(tensor.shape) does not fit \(rows) rows")
    }
  }
}

extension TensorGroup {
  /// The given rows of every tensor, in the given order.
  func gathering(_ rows: [Int], of count: Int) -> Self {
    if rows == Array(0..<count) { return self }
    let indices = Indices(rows)
    return mappingTensors { $0.gathered(rows: indices) }
  }
}
