public import UnrollArrays
internal import UnrollAutograd

/// Which hypotheses go on from one step of a beam search to the next; a finished one keeps its place in any case.
public enum BeamChoice: Sendable {
  /// The best of all: the usual beam search. A wider beam usually finds something better, but need not.
  case best
  /// Place by place the best that follows from this place or an earlier one. A wider beam holds all that a narrower one does, and never
  /// ends with something worse.
  case nested
}

extension TokenDecoder {
  /// The likeliest sequences that a search finds which goes on with so many at a time: for each row at most `width`, the best first.
  ///
  /// They are ranked by score / nᵃ, where n is the number of tokens with the end token, and a the `lengthExponent`: 0 ranks by
  /// probability, which favours short sequences, 1 by the mean over tokens. Of equal ones the one that was ahead earlier comes first,
  /// then the one of the smaller id. Width 1 is `greedy`; a width that no step exceeds makes the search exact.
  ///
  ///     let decoder = TokenDecoder(vocabulary: 3, end: 2) { (ids: Indices, state: inout Tensor) in state }
  ///     let beams = decoder.beams([0, 0], from: [[1, 2, 0], [0, 1, 3]], width: 2, maximumLength: 4, lengthExponent: 0.7)
  ///     print(beams[0][0].tokens, beams[0][0].score)
  public func beams(
    _ first: Indices, from state: State, width: Int, maximumLength: Int, lengthExponent: Double = 0,
    choosing: BeamChoice = .best
  ) -> [[Hypothesis]] {
    require(width > 0, "beams: a width of \(width) leaves nothing to go on with")
    require(
      lengthExponent >= 0 && lengthExponent.isFinite,
      "beams: a length exponent of \(lengthExponent) is not a finite number from 0 on")
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

/// A hypothesis in a beam, and the row of the model's batch that it goes on with, or comes from; nil when it has ended.
private struct Place {
  var hypothesis: Hypothesis
  var row: Int?
}

/// What a search goes on with for one row.
private struct Beam {
  var places: [Place]

  /// The places after one more token.
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

  /// Finished hypotheses where they are, and in every other place the best candidate of this place and those before that is left.
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

  /// Gives the live places rows one after the other, and tells which rows and tokens they come from.
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
