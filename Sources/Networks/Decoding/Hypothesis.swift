public import UnrollArrays

/// A decoded sequence of tokens and its score.
public struct Hypothesis: Sendable, Equatable {
  /// The tokens, without the given first token and without the end token.
  public internal(set) var tokens: [Int] = []
  /// The logarithm of the probability of all tokens, including the end token if the sequence has one.
  public internal(set) var score: Double = 0
  /// Whether the sequence ended with the end token, not at the maximum length.
  public internal(set) var isFinished = false
  /// The number that ranks beams: the score divided by a power of `scoredCount`. Outside beam search, the score itself.
  public internal(set) var normalizedScore: Double = 0

  /// The number of tokens in the score, including the end token.
  var scoredCount: Int { tokens.count + (isFinished ? 1 : 0) }

  /// The same sequence with one more token.
  func followed(by token: Int, _ logarithm: Double, end: Int?) -> Hypothesis {
    var next = self
    next.score += logarithm
    next.normalizedScore = next.score
    if token == end { next.isFinished = true } else { next.tokens.append(token) }
    return next
  }
}

/// The decoded sequences of a batch, one for each row.
///
///     let decoder = TokenDecoder(vocabulary: 3, end: 2) { (ids: Indices, state: inout Tensor) in state }
///     let decoded = decoder.greedy([0, 0], from: [[1, 2, 0], [0, 1, 3]], maximumLength: 4)
///     print(decoded.lengths, decoded.ids.values)  // [4, 0] and 1, 1, 1, 1, 2, 2, 2, 2
public struct DecodedTokens: Sendable, Equatable {
  /// One sequence for each row.
  public let rows: [Hypothesis]
  /// The id that pads shorter sequences in `ids`.
  public let padding: Int

  /// A result with the given sequences, one for each row.
  ///
  ///     let decoder = TokenDecoder(vocabulary: 3, end: 2) { (ids: Indices, state: inout Tensor) in state }
  ///     let beams = decoder.beams([0], from: [[1, 2, 0]], width: 2, maximumLength: 4)
  ///     let best = DecodedTokens(rows: beams.map { $0[0] }, padding: 2)
  public init(rows: [Hypothesis], padding: Int) {
    self.rows = rows
    self.padding = padding
  }

  /// The tokens of all rows, `[rows, longest]`, padded at the end of each row.
  public var ids: Indices {
    let longest = lengths.max() ?? 0
    let filled = rows.flatMap { $0.tokens + Array(repeating: padding, count: longest - $0.tokens.count) }
    return Indices(filled, shape: [rows.count, longest])
  }

  /// The number of tokens of each row, without the end token.
  public var lengths: [Int] { rows.map(\.tokens.count) }

  /// The score of each row: the logarithm of its probability.
  public var scores: [Double] { rows.map(\.score) }
}
