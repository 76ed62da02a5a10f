public import UnrollArrays

/// A sequence of tokens that a decoder has written, and how likely the model finds it.
public struct Hypothesis: Sendable, Equatable {
  /// The tokens, without the first one that was given, and without the end token.
  public internal(set) var tokens: [Int] = []
  /// The logarithm of the probability of all tokens, and of the end token where it came.
  public internal(set) var score: Double = 0
  /// Whether the end token came, rather than the maximum length.
  public internal(set) var isFinished = false
  /// What beams are ranked by: the score divided by a power of the number of tokens that it counts; elsewhere the score itself.
  public internal(set) var normalizedScore: Double = 0

  /// How many tokens the score counts: with the end token.
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

/// What a decoder has written for every row of a batch.
///
///     let decoder = TokenDecoder(vocabulary: 3, end: 2) { (ids: Indices, state: inout Tensor) in state }
///     let decoded = decoder.greedy([0, 0], from: [[1, 2, 0], [0, 1, 3]], maximumLength: 4)
///     print(decoded.lengths, decoded.ids.values)  // [4, 0] and 1, 1, 1, 1, 2, 2, 2, 2
public struct DecodedTokens: Sendable, Equatable {
  /// One sequence for each row.
  public let rows: [Hypothesis]
  /// The id that fills up shorter sequences in `ids`.
  public let padding: Int

  /// The given sequences, one for each row.
  ///
  ///     let decoder = TokenDecoder(vocabulary: 3, end: 2) { (ids: Indices, state: inout Tensor) in state }
  ///     let beams = decoder.beams([0], from: [[1, 2, 0]], width: 2, maximumLength: 4)
  ///     let best = DecodedTokens(rows: beams.map { $0[0] }, padding: 2)
  public init(rows: [Hypothesis], padding: Int) {
    self.rows = rows
    self.padding = padding
  }

  /// The tokens of all rows, `[rows, longest]`, filled up behind a row's end.
  public var ids: Indices {
    let longest = lengths.max() ?? 0
    let filled = rows.flatMap { $0.tokens + Array(repeating: padding, count: longest - $0.tokens.count) }
    return Indices(filled, shape: [rows.count, longest])
  }

  /// How many tokens each row has, without the end token.
  public var lengths: [Int] { rows.map(\.tokens.count) }

  /// The logarithm of the probability of each row.
  public var scores: [Double] { rows.map(\.score) }
}
