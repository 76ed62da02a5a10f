import Testing
import UnrollArrays
import UnrollAutograd

@testable import UnrollNetworks

@Suite struct SamplingTests {
  private static let logits = [1.5, -0.5, 0.25, 2, -2, 0.75]

  /// The same logits after every token, for all rows.
  private static let decoder = { @Sendable in
    TokenDecoder(vocabulary: 6, end: nil) { (ids: Indices, _: inout Int) in
      Tensor(logits, shape: [1, 6]).broadcast(to: [ids.count, 6])
    }
  }

  private func frequencies(
    _ draws: Int, seed: Int, temperature: Double = 1, count: Int? = nil, mass: Double? = nil
  ) -> [Int] {
    var generator = Generator(seed: seed)
    let decoded = SamplingTests.decoder().sampled(
      Indices(Array(repeating: 0, count: 50)), from: 0, maximumLength: draws / 50, temperature: temperature, count: count,
      mass: mass, using: &generator)
    var found = Array(repeating: 0, count: 6)
    for token in decoded.ids.values { found[token] += 1 }
    return found
  }

  /// However near 0 the temperature is, the most likely token comes.
  @Test(arguments: [Double.leastNonzeroMagnitude, .leastNormalMagnitude, 1e-300]) func temperaturesNearZero(
    _ temperature: Double
  ) {
    for (count, mass) in [(nil, nil), (3, nil), (nil, 0.5)] as [(Int?, Double?)] {
      #expect(frequencies(100, seed: 1, temperature: temperature, count: count, mass: mass) == [0, 0, 0, 100, 0, 0])
    }
  }

  private func chiSquare(_ found: [Int], _ probabilities: [Double]) -> Double {
    let total = Double(found.reduce(0, +))
    return zip(found, probabilities).filter { $1 > 0 }.reduce(0) { sum, pair in
      let expected = total * pair.1
      return sum + (Double(pair.0) - expected) * (Double(pair.0) - expected) / expected
    }
  }

  private func softmax(_ temperature: Double, of tokens: Set<Int> = Set(0..<6)) -> [Double] {
    Tensor(SamplingTests.logits.enumerated().map { tokens.contains($0) ? $1 / temperature : -.infinity }).softmax()
      .array.scalars(as: Double.self)
  }

  /// 20.5 is what chi-square of 5 degrees of freedom exceeds once in a thousand times.
  @Test(arguments: [0.5, 1, 2]) func frequenciesAreThoseOfTheSoftmax(_ temperature: Double) {
    let found = frequencies(20_000, seed: 7, temperature: temperature)
    #expect(found.reduce(0, +) == 20_000)
    #expect(chiSquare(found, softmax(temperature)) < 20.5)
    #expect(chiSquare(found, softmax(temperature * 1.2)) > 20.5)
  }

  @Test func topCountNeverLeavesTheBest() {
    let found = frequencies(10_000, seed: 3, temperature: 1.5, count: 3)
    #expect([1, 2, 4].allSatisfy { found[$0] == 0 })
    #expect(chiSquare(found, softmax(1.5, of: [0, 3, 5])) < 13.8)
    #expect(frequencies(500, seed: 3, count: 1)[3] == 500)
    #expect(chiSquare(frequencies(10_000, seed: 4, count: 100), softmax(1)) < 20.5)
  }

  /// The two best have 0.78 of the probability, the best alone 0.49.
  @Test func massKeepsTheFewestThatHaveIt() {
    let found = frequencies(10_000, seed: 5, mass: 0.6)
    #expect([1, 2, 4, 5].allSatisfy { found[$0] == 0 })
    #expect(chiSquare(found, softmax(1, of: [0, 3])) < 10.8)
    #expect(frequencies(500, seed: 5, mass: 0.1)[3] == 500)
    #expect(chiSquare(frequencies(10_000, seed: 6, mass: 1), softmax(1)) < 20.5)
    let both = frequencies(10_000, seed: 8, count: 3, mass: 0.99)
    #expect(chiSquare(both, softmax(1, of: [0, 3, 5])) < 13.8)
  }

  @Test func seedsDecideAndRowsAreTheirOwn() {
    let model = LanguageModel(6, seed: 2, sharpness: 2)
    let decoder = model.decoder(end: 5)
    func draw(_ first: Indices, seed: Int) -> DecodedTokens {
      var generator = Generator(seed: seed)
      return decoder.sampled(first, from: model.state(first.count), maximumLength: 8, using: &generator)
    }
    let together = draw([0, 1, 2], seed: 9)
    #expect(together == draw([0, 1, 2], seed: 9))
    #expect(together.rows.map(\.tokens) != draw([0, 1, 2], seed: 10).rows.map(\.tokens))
    #expect(draw([0], seed: 9).rows[0].tokens == together.rows[0].tokens)
    #expect(draw([0, 4, 4, 3], seed: 9).rows[0].tokens == together.rows[0].tokens)
    for (first, row) in together.rows.enumerated() {
      #expect(isClose(row.score, model.score(row.scoredTokens(5), after: first)))
    }
  }

  @Test func lowTemperaturesAreGreedy() {
    let model = LanguageModel(6, seed: 4)
    let decoder = model.decoder(end: 5)
    var generator = Generator(seed: 1)
    let cold = decoder.sampled([0, 1], from: model.state(2), maximumLength: 6, temperature: 1e-9, using: &generator)
    #expect(cold.rows.map(\.tokens) == decoder.greedy([0, 1], from: model.state(2), maximumLength: 6).rows.map(\.tokens))
  }

  @Test func impossibleTokensNeverCome() {
    var generator = Generator(seed: 1)
    let decoder = TokenDecoder(vocabulary: 3, end: nil) { (ids: Indices, _: inout Int) in
      Tensor([0, -Double.infinity, 0]).broadcast(to: [ids.count, 3])
    }
    for (count, mass) in [(nil, nil), (3, nil), (nil, 1.0)] as [(Int?, Double?)] {
      let decoded = decoder.sampled(
        [0, 0], from: 0, maximumLength: 200, count: count, mass: mass, using: &generator)
      #expect(!decoded.ids.values.contains(1))
    }
  }
}
