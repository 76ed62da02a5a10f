import Testing
import UnrollArrays
import UnrollAutograd

@testable import UnrollNetworks

@Suite struct BeamTests {
  static let choices: [BeamChoice] = [.best, .nested]

  @Test(arguments: choices) func widthOneIsGreedy(_ choice: BeamChoice) {
    for seed in 1...20 {
      let model = LanguageModel(5, seed: seed)
      let decoder = model.decoder(end: 2)
      let first: Indices = [0, 1, 3, 4]
      let greedy = decoder.greedy(first, from: model.state(4), maximumLength: 6)
      for exponent in [0, 0.7, 1] {
        let beams = decoder.beams(
          first, from: model.state(4), width: 1, maximumLength: 6, lengthExponent: exponent, choosing: choice)
        #expect(beams.map(\.count) == [1, 1, 1, 1])
        #expect(beams.map { $0[0].tokens } == greedy.rows.map(\.tokens))
        #expect(beams.map { $0[0].isFinished } == greedy.rows.map(\.isFinished))
        #expect(zip(beams, greedy.scores).allSatisfy { isClose($0[0].score, $1) })
      }
    }
  }

  /// Of two tokens and an end, four steps write 31 different sequences.
  @Test(arguments: choices, [0, 0.7, 1]) func fullWidthIsExact(_ choice: BeamChoice, _ exponent: Double) {
    for seed in 1...5 {
      let model = LanguageModel(3, seed: seed)
      let all = BeamTests.sequences(4).map { tokens in
        let scored = tokens.count < 4 ? tokens + [2] : tokens
        let score = model.score(scored, after: 1)
        return (tokens, score, score / Tensor(Double(scored.count), .float64).pow(exponent).item)
      }
      let ranked = all.sorted { $0.2 > $1.2 }
      #expect(ranked.count == 31)
      let beams = model.decoder(end: 2).beams(
        [1], from: model.state(1), width: 31, maximumLength: 4, lengthExponent: exponent, choosing: choice)
      #expect(beams[0].map(\.tokens) == ranked.map(\.0))
      #expect(zip(beams[0], ranked).allSatisfy { isClose($0.score, $1.1) && isClose($0.normalizedScore, $1.2) })
    }
  }

  /// All sequences of the tokens 0 and 1 of up to so many.
  static func sequences(_ length: Int) -> [[Int]] {
    length == 0 ? [[]] : [[]] + sequences(length - 1).flatMap { rest in [0, 1].map { [$0] + rest } }
  }

  @Test(arguments: [0, 0.7, 1]) func nestedBeamsOnlyGain(_ exponent: Double) {
    for seed in 1...20 {
      let model = LanguageModel(6, seed: seed)
      var narrower: [Hypothesis] = []
      for width in 1...10 {
        let beam = model.decoder(end: 5).beams(
          [0], from: model.state(1), width: width, maximumLength: 7, lengthExponent: exponent, choosing: .nested)[0]
        #expect(beam.count == width)
        #expect(narrower.allSatisfy { old in beam.contains { $0.tokens == old.tokens && $0.isFinished == old.isFinished } })
        if let old = narrower.first { #expect(beam[0].normalizedScore >= old.normalizedScore - 1e-12) }
        narrower = beam
      }
    }
  }

  /// After 0 come 1 and 2 with 0.5 and 0.4; after 1 three tokens with 0.34 and 0.33 each, after 2 two with a half each, of which nothing
  /// is ever certain again: two places go to them, and the certain way behind 1 is lost.
  private static let misleading: [[Double]] = [
    [0, 0.5, 0.4, 0.1, 0, 0, 0],
    [0.33, 0, 0, 0.33, 0.34, 0, 0],
    [0, 0, 0, 0, 0, 0.5, 0.5],
    [0.25, 0.25, 0.25, 0.25, 0, 0, 0],
    [0, 0, 0, 0, 1, 0, 0],
    [0.25, 0.25, 0.25, 0.25, 0, 0, 0],
    [0.25, 0.25, 0.25, 0.25, 0, 0, 0],
  ]

  @Test func widerBeamsOfTheBestCanBeWorse() {
    let table = Tensor(BeamTests.misleading.flatMap { $0 }, shape: [7, 7]).log()
    let decoder = TokenDecoder(vocabulary: 7, end: nil) { (ids: Indices, _: inout Int) in table.gathered(rows: ids) }
    func best(_ width: Int, _ choice: BeamChoice) -> Double {
      decoder.beams([0], from: 0, width: width, maximumLength: 4, choosing: choice)[0][0].score
    }
    let (greedy, certain) = (best(1, .best), Tensor(0.17, .float64).log().item)
    #expect(isClose(greedy, certain))
    #expect(best(2, .best) < greedy)
    #expect(isClose(best(2, .nested), certain))
    #expect(isClose(best(3, .best), certain))
  }

  /// What does hold of every beam: nothing beats the exact search, and scores are the model's.
  @Test(arguments: choices) func scoresAreTheModels(_ choice: BeamChoice) {
    for seed in 1...10 {
      let model = LanguageModel(4, seed: seed)
      let decoder = model.decoder(end: 3)
      let exact = decoder.beams([0], from: model.state(1), width: 400, maximumLength: 4)[0][0]
      for width in 1...5 {
        let beam = decoder.beams([0], from: model.state(1), width: width, maximumLength: 4, choosing: choice)[0]
        #expect(beam[0].score <= exact.score + 1e-12)
        for hypothesis in beam { #expect(isClose(hypothesis.score, model.score(hypothesis.scoredTokens(3), after: 0))) }
        #expect(zip(beam, beam.dropFirst()).allSatisfy { $0.score >= $1.score })
        #expect(Set(beam.map { $0.scoredTokens(3) }).count == beam.count)
      }
    }
  }

  @Test(arguments: choices) func rowsAreTheirOwn(_ choice: BeamChoice) {
    let model = LanguageModel(6, seed: 3)
    let decoder = model.decoder(end: 5)
    let together = decoder.beams(
      [0, 1, 2, 3], from: model.state(4), width: 3, maximumLength: 6, lengthExponent: 1, choosing: choice)
    for row in 0..<4 {
      let alone = decoder.beams(
        Indices([row]), from: model.state(1), width: 3, maximumLength: 6, lengthExponent: 1, choosing: choice)[0]
      #expect(alone.map(\.tokens) == together[row].map(\.tokens))
      #expect(zip(alone, together[row]).allSatisfy { isClose($0.score, $1.score) })
    }
  }

  /// Of equal scores the earlier place and the smaller id come first.
  @Test(arguments: choices) func tiesAreDecided(_ choice: BeamChoice) {
    let decoder = TokenDecoder(vocabulary: 3, end: nil) { (ids: Indices, _: inout Int) in Tensor.zeros([ids.count, 3]) }
    let beam = decoder.beams([0], from: 0, width: 4, maximumLength: 2, choosing: choice)[0]
    #expect(beam.map(\.tokens) == [[0, 0], [0, 1], [0, 2], [1, 0]])
  }

  /// Tokens of no probability never come, even where a beam has room for them.
  @Test(arguments: choices) func impossibleTokensNeverCome(_ choice: BeamChoice) {
    let decoder = TokenDecoder(vocabulary: 3, end: 2) { (ids: Indices, _: inout Int) in
      Tensor([0, -Double.infinity, 0]).broadcast(to: [ids.count, 3])
    }
    let beam = decoder.beams([0], from: 0, width: 9, maximumLength: 3, choosing: choice)[0]
    #expect(beam.map(\.tokens) == [[], [0], [0, 0, 0], [0, 0]])
    #expect(beam.map(\.isFinished) == [true, true, false, true])
  }
}
