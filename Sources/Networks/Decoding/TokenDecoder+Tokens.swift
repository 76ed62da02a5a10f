public import UnrollArrays
internal import UnrollAutograd

extension TokenDecoder {
  /// Greedy decoding: the most likely token at each step, the smallest id among ties, until the end token or the maximum
  /// length.
  ///
  /// `first` holds one token for each row; it is not part of the result.
  ///
  ///     let decoder = TokenDecoder(vocabulary: 3, end: 2) { (ids: Indices, state: inout Tensor) in state }
  ///     let decoded = decoder.greedy([0, 0], from: [[1, 2, 0], [0, 1, 3]], maximumLength: 4)
  public func greedy(_ first: Indices, from state: State, maximumLength: Int) -> DecodedTokens {
    decoded("greedy", first, state, maximumLength) { _, logarithms in positionsOfLargest(1, of: logarithms)[0] }
  }

  /// Samples tokens in proportion to pₖ ∝ exp(logitₖ / temperature), optionally from the most likely ones only.
  ///
  /// `count` restricts the draw to that many of the most likely tokens (top-k; ties go to smaller ids), and `mass` to the
  /// fewest most likely tokens whose probabilities sum to it (nucleus sampling). Each row draws from its own generator, so that
  /// its tokens do not depend on other rows. Scores are the model's own, whatever the temperature.
  ///
  ///     let decoder = TokenDecoder(vocabulary: 3, end: 2) { (ids: Indices, state: inout Tensor) in state }
  ///     let decoded = decoder.sampled(
  ///       [0, 0], from: [[1, 2, 0], [0, 1, 3]], maximumLength: 4, temperature: 0.8, count: 2, using: &generator)
  public func sampled(
    _ first: Indices, from state: State, maximumLength: Int, temperature: Double = 1, count: Int? = nil, mass: Double? = nil,
    using generator: inout Generator
  ) -> DecodedTokens {
    let draw = TokenDraw(temperature: temperature, count: count, mass: mass)
    var generators = generator.split(into: first.count)
    return decoded("sampled", first, state, maximumLength) { row, logarithms in draw(logarithms, using: &generators[row]) }
  }

  /// Decodes one token at a time, and stops computing rows that have ended.
  private func decoded(
    _ operation: String, _ first: Indices, _ state: State, _ maximumLength: Int,
    choosing choose: (_ row: Int, _ logarithms: ArraySlice<Double>) -> Int
  ) -> DecodedTokens {
    requireBeginning(first, state, maximumLength, operation)
    var rows = Array(repeating: Hypothesis(), count: first.count)
    var (live, tokens, state) = (Array(rows.indices), first.values, state.mappingTensors { $0.detached() })
    for _ in 0..<maximumLength where !live.isEmpty {
      let logarithms = logarithms(tokens, &state, operation)
      for (position, row) in live.enumerated() {
        let own = logarithms[(position * vocabulary)..<((position + 1) * vocabulary)]
        tokens[position] = choose(row, own)
        rows[row] = rows[row].followed(by: tokens[position], own[own.startIndex + tokens[position]], end: end)
      }
      let going = live.indices.filter { !rows[live[$0]].isFinished }
      state = state.gathering(going, of: live.count)
      (live, tokens) = (going.map { live[$0] }, going.map { tokens[$0] })
    }
    return DecodedTokens(rows: rows, padding: end ?? 0)
  }
}

/// How to draw a token.
struct TokenDraw {
  private let temperature: Double
  private let count: Int?
  private let mass: Double?

  init(temperature: Double, count: Int?, mass: Double?) {
    require(
      temperature > 0 && temperature.isFinite, "sampled: a temperature of \(temperature) is not a finite number above 0")
    if let count { require(count > 0, "sampled: a count of \(count) leaves no tokens to draw from") }
    if let mass { require(mass > 0 && mass <= 1, "sampled: a mass of \(mass) is not above 0 and at most 1") }
    (self.temperature, self.count, self.mass) = (temperature, count, mass)
  }

  /// Draws a token, given the logarithms of all probabilities.
  func callAsFunction(_ logarithms: ArraySlice<Double>, using generator: inout Generator) -> Int {
    // Relative to the largest, so that a temperature near 0 makes its exponent 0, and the others −∞.
    let largest = logarithms.max() ?? 0
    let tempered = NDArray(logarithms.map { ($0 - largest) / temperature }, shape: [logarithms.count])
    let probabilities = tempered.softmax().scalars(as: Double.self)
    let tokens = candidates(logarithms, probabilities)
    var rest = Double.random(in: 0..<1, using: &generator) * tokens.reduce(0) { $0 + probabilities[$1] }
    for token in tokens {
      rest -= probabilities[token]
      if rest < 0 { return token }
    }
    return tokens[tokens.count - 1]
  }

  /// The tokens to draw from.
  private func candidates(_ logarithms: ArraySlice<Double>, _ probabilities: [Double]) -> [Int] {
    if count == nil && mass == nil { return probabilities.indices.filter { probabilities[$0] > 0 } }
    let ranked = mass == nil ? nil : probabilities.indices.sorted { comesFirst($0, $1, logarithms) }
    let best = ranked.map { Array($0.prefix(count ?? $0.count)) } ?? positionsOfLargest(count ?? 1, of: logarithms)
    guard let mass else { return best }
    let wanted = mass * best.reduce(0) { $0 + probabilities[$1] }
    var sum = 0.0
    let last = best.firstIndex {
      sum += probabilities[$0]
      return sum >= wanted
    }
    return Array(best[...(last ?? best.count - 1)])
  }

  private func comesFirst(_ a: Int, _ b: Int, _ logarithms: ArraySlice<Double>) -> Bool {
    let (x, y) = (logarithms[logarithms.startIndex + a], logarithms[logarithms.startIndex + b])
    return x > y || (x == y && a < b)
  }
}
