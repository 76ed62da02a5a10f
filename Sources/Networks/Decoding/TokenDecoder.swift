public import UnrollArrays
public import UnrollAutograd

/// Writes sequences of tokens with any model that tells from the token before and a state how likely each next token is.
///
/// The step gets ids `[rows]` and a state whose tensors have one row for each; it gives logits `[rows, vocabulary]` and changes the
/// state to the next one. Rows come and go while a decoder works, so that whatever belongs to a row must be in the state: what an
/// encoder has read, too. A step that draws nothing and looks at no other row gives results that depend on no other row.
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
  /// How many tokens there are: ids are from 0 up to, not including, this number.
  public let vocabulary: Int
  /// The token that ends a sequence; nil where nothing but the maximum length does.
  public let end: Int?
  private let step: (_ ids: Indices, _ state: inout State) -> Tensor

  /// A decoder over the step of a model.
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
  /// The logits after the tokens, `[rows, vocabulary]`; the state becomes the next one.
  func logits(_ ids: Indices, _ state: inout State, _ operation: String) -> Tensor {
    let logits = step(ids, &state)
    require(
      logits.shape == [ids.count, vocabulary],
      "\(operation): logits of shape \(logits.shape) are not those of \(ids.count) rows and \(vocabulary) tokens")
    requireRows(state, ids.count, operation)
    return logits
  }

  /// The logarithms of the probabilities after the tokens, row by row; nothing is recorded.
  func logarithms(_ tokens: [Int], _ state: inout State, _ operation: String) -> [Double] {
    let logits = logits(Indices(tokens), &state, operation)
    state = state.mappingTensors { $0.detached() }
    let logarithms = logits.array.cast(to: .float64).logSoftmax().scalars(as: Double.self)
    require(
      !logarithms.contains(where: \.isNaN),
      "\(operation): the logits of a row are no scores: they hold NaN or +∞, or are −∞ everywhere")
    return logarithms
  }

  /// Stops where decoding cannot begin.
  func requireBeginning(_ first: Indices, _ state: State, _ maximumLength: Int, _ operation: String) {
    require(
      first.rank == 1 && first.count > 0,
      "\(operation): first tokens of shape \(first.shape) are no vector with one for each row")
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
