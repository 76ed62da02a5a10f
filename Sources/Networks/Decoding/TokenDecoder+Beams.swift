public import UnrollArrays
internal import UnrollAutograd

/// How a beam search chooses the hypotheses to continue. A finished hypothesis always keeps its place.
public enum BeamChoice: Sendable {
  /// The best overall: the usual beam search. A wider beam usually finds a better result, but not always.
  case best
  /// For each place in order, the best continuation of this place or an earlier one. A wider beam contains every narrower one,
  /// so that it never finds a worse result.
  case nested
}

extension TokenDecoder {
  /// Beam search: for each row at most `width` likely sequences, the best first.
  ///
  /// Sequences are ranked by score / nᵃ, where n is the number of tokens including the end token, and a the `lengthExponent`: 0
  /// ranks by probability, which favours short sequences, 1 by the mean over tokens. Ties go to the hypothesis that was ahead
  /// in the previous step, then to the smaller id. Width 1 is `greedy`; the search is exact if no step has more than `width`
  /// candidates.
  ///
  ///     let decoder = TokenDecoder(vocabulary: 3, end: 2) { (ids: Indices, state: inout Tensor) in state }
  ///     let beams = decoder.beams([0, 0], from: [[1, 2, 0], [0, 1, 3]], width: 2, maximumLength: 4, lengthExponent: 0.7)
  ///     print(beams[0][0].tokens, beams[0][0].score)
  public func beams(
    _ first: Indices, from state: State, width: Int, maximumLength: Int, lengthExponent: Double = 0,
    choosing: BeamChoice = .best
  ) -> [[Hypothesis]] {
    require(width > 0, "beams: a width of \(width) keeps no hypotheses")
    require(
      lengthExponent >= 0 && lengthExponent.isFinite,
      "beams: a length exponent of \(lengthExponent) is negative or not finite")
    requireBeginning(first, state, maximumLength, "beams")
    var beams = first.values.indices.map { Beam(places: [Place(hypothesis: Hypothesis(), row: $0)]) }
    var (tokens, state) = (first.values, state.mappingTensors { $0.detached() })
    for _ in 0..<maximumLength where !tokens.isEmpty {
      let logarithms = logarithms(tokens, &state, "beams")
      let count = tokens.count
      var parents: [Int] = []
      tokens = []
      for i in beams.indices {
        beams[i] = beams[i].next(logarithms, vocabulary, end, width, choosing)
        beams[i].renumber(&parents, &tokens)
      }
      state = state.gathering(parents, of: count)
    }
    let powers = Tensor(NDArray((0...maximumLength).map { Double($0) }, shape: [maximumLength + 1])).pow(lengthExponent)
    let divisors = powers.array.scalars(as: Double.self)
    return beams.map { $0.ranked(divisors) }
  }
}

/// A hypothesis in a beam, and its row in the model's batch: before renumbering its parent's row; nil once it has ended.
private struct Place {
  var hypothesis: Hypothesis
  var row: Int?
}

/// The beam of one row.
private struct Beam {
  var places: [Place]

  /// The beam after one more token.
  func next(_ logarithms: [Double], _ vocabulary: Int, _ end: Int?, _ width: Int, _ choice: BeamChoice) -> Beam {
    let live = places.filter { $0.row != nil }
    let scores = live.flatMap { place in
      let start = (place.row ?? 0) * vocabulary
      return logarithms[start..<(start + vocabulary)].map { place.hypothesis.score + $0 }
    }
    func child(_ candidate: Int) -> Place {
      let (parent, token) = (live[candidate / vocabulary], candidate % vocabulary)
      let logarithm = logarithms[(parent.row ?? 0) * vocabulary + token]
      let hypothesis = parent.hypothesis.followed(by: token, logarithm, end: end)
      return Place(hypothesis: hypothesis, row: hypothesis.isFinished ? nil : parent.row)
    }
    switch choice {
    case .best:
      let finished = places.filter { $0.row == nil }
      return Beam(places: finished + positionsOfLargest(width - finished.count, of: scores).map(child))
    case .nested: return Beam(places: nested(scores, vocabulary, width, child))
    }
  }

  /// Keeps finished hypotheses in place, and fills every other place with the best unused candidate of this place and earlier
  /// ones.
  private func nested(_ scores: [Double], _ vocabulary: Int, _ width: Int, _ child: (Int) -> Place) -> [Place] {
    var (scores, next, open) = (scores, [Place](), 0)
    for index in 0..<width {
      if index < places.count {
        if places[index].row == nil {
          next.append(places[index])
          continue
        }
        open += vocabulary
      }
      guard let best = positionsOfLargest(1, of: scores[..<open]).first else { continue }
      next.append(child(best))
      scores[best] = -.infinity
    }
    return next
  }

  /// Gives the unfinished hypotheses consecutive rows, and appends the row and token that each continues.
  mutating func renumber(_ parents: inout [Int], _ tokens: inout [Int]) {
    for i in places.indices {
      guard let row = places[i].row, let token = places[i].hypothesis.tokens.last else { continue }
      places[i].row = parents.count
      parents.append(row)
      tokens.append(token)
    }
  }

  /// The hypotheses, the best first.
  func ranked(_ divisors: [Double]) -> [Hypothesis] {
    let hypotheses = places.map { place in
      var hypothesis = place.hypothesis
      hypothesis.normalizedScore = hypothesis.score / divisors[hypothesis.scoredCount]
      return hypothesis
    }
    return positionsOfLargest(hypotheses.count, of: hypotheses.map(\.normalizedScore)).map { hypotheses[$0] }
  }
}

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

/// The positions of the largest numbers in descending order; equal numbers keep their order. −∞ is never included.
func positionsOfLargest(_ count: Int, of numbers: some RandomAccessCollection<Double>) -> [Int] {
  var best: [(position: Int, number: Double)] = []
  for (position, number) in numbers.enumerated() where number > -.infinity {
    if best.count == count {
      guard let last = best.last, number > last.number else { continue }
      best.removeLast()
    }
    var place = best.count
    while place > 0 && best[place - 1].number < number { place -= 1 }
    best.insert((position, number), at: place)
  }
  return best.map(\.position)
}
