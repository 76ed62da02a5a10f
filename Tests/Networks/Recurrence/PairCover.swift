import UnrollArrays

/// Rows of choices, one for each factor, in which any two choices of different factors that may meet do meet somewhere.
struct PairCover {
  /// How many choices each factor has.
  let levels: [Int]
  /// Whether two choices may meet.
  let allows: @Sendable (_ a: Choice, _ b: Choice) -> Bool
  private(set) var rows: [[Int]] = []

  struct Choice: Hashable {
    let factor: Int
    let level: Int
  }

  struct Pair: Hashable {
    let first: Choice
    let second: Choice
  }

  /// Greedy, from draws: of several rows that hold the next pair to be covered, the one with most others of them. A pair that no row
  /// can hold ends it: a test sees that it is missing.
  init(_ levels: [Int], seed: Int, allowing allows: @escaping @Sendable (_ a: Choice, _ b: Choice) -> Bool) {
    self.levels = levels
    self.allows = allows
    var generator = Generator(seed: seed)
    var missing = pairs
    while let pair = missing.first {
      let drawn = (0..<8).compactMap { _ in draw(pair, &generator) }
      let best = drawn.max { a, b in gain(a, missing) < gain(b, missing) }
      guard let best else { return }
      rows.append(best)
      let met = Set(PairCover.pairs(of: best))
      missing.removeAll(where: met.contains)
    }
  }

  /// All pairs that may meet.
  var pairs: [Pair] {
    let choices = levels.indices.flatMap { factor in (0..<levels[factor]).map { Choice(factor: factor, level: $0) } }
    return choices.flatMap { a in
      choices.filter { $0.factor > a.factor && allows(a, $0) }.map { Pair(first: a, second: $0) }
    }
  }

  static func pairs(of row: [Int]) -> [Pair] {
    let choices = row.enumerated().map { Choice(factor: $0, level: $1) }
    return choices.flatMap { a in choices.filter { $0.factor > a.factor }.map { Pair(first: a, second: $0) } }
  }

  private func gain(_ row: [Int], _ missing: [Pair]) -> Int {
    let met = Set(PairCover.pairs(of: row))
    return missing.count(where: met.contains)
  }

  private func draw(_ pair: Pair, _ generator: inout Generator) -> [Int]? {
    for _ in 0..<200 {
      var row = levels.map { Int.random(in: 0..<$0, using: &generator) }
      row[pair.first.factor] = pair.first.level
      row[pair.second.factor] = pair.second.level
      if PairCover.pairs(of: row).allSatisfy({ allows($0.first, $0.second) }) { return row }
    }
    return nil
  }
}
