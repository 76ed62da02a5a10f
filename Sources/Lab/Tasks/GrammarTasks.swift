internal import UnrollArrays
internal import UnrollAutograd

/// Reber's grammar: a walk through a small graph that writes a symbol at every step.
///
/// Symbols are B T S X P V E, numbered 0 ... 6. Both ways out of a node are equally likely; a string has 8 symbols on average.
enum ReberGrammar {
  /// A string of a grammar, and for each symbol those that may follow it.
  struct Walk {
    /// The string.
    let symbols: [Int]
    /// What may come after each symbol; nothing after the last.
    let successors: [[Int]]
  }

  /// How many symbols there are.
  static let symbolCount = 7

  /// The ways out of every node: what is written, and where it leads.
  private static let ways: [[(symbol: Int, node: Int)]] = [
    [(0, 1)], [(1, 2), (4, 3)], [(2, 2), (3, 4)], [(1, 3), (5, 5)], [(3, 3), (2, 6)], [(4, 4), (5, 6)], [(6, 7)], [],
  ]

  /// A string of the grammar: from B to E.
  static func string(using generator: inout Generator) -> Walk {
    var (symbols, successors, node): ([Int], [[Int]], Int) = ([], [], 0)
    while !ways[node].isEmpty {
      let way = ways[node][ways[node].count == 1 ? 0 : Int.random(in: 0...1, using: &generator)]
      symbols.append(way.symbol)
      node = way.node
      successors.append(ways[node].map(\.symbol))
    }
    return Walk(symbols: symbols, successors: successors)
  }

  /// A string of the embedded grammar: B, T or P, a string of the grammar, the same T or P again, E; 12 symbols on average.
  static func embeddedString(using generator: inout Generator) -> Walk {
    let inner = string(using: &generator)
    let branch = Bool.random(using: &generator) ? 1 : 4
    return Walk(
      symbols: [0, branch] + inner.symbols + [branch, 6],
      successors: [[1, 4], [0]] + inner.successors.dropLast() + [[branch], [6], []])
  }
}

/// What may come next in strings of the embedded Reber grammar: the last symbol but one repeats the second.
///
/// Inputs `[batch, time, 7]`, one-hot: the strings without their last symbol. Targets `[batch, time, 7]`: 1 for every symbol that may
/// come next, one or two a step. Who knows all but the second symbol says either T or P at the end, and has half of the strings right.
struct EmbeddedReberTask: Sendable {
  /// The share of strings that are right by chance for who forgets the second symbol.
  static let baseline = 0.5

  /// So many strings and what may follow, `[count, time, 7]`.
  func batch(_ count: Int, using generator: inout Generator) -> TaskBatch<Tensor> {
    requireRows("EmbeddedReberTask", count)
    let strings = (0..<count).map { _ in ReberGrammar.embeddedString(using: &generator) }
    let inputs = strings.map { Array($0.symbols.dropLast()) }
    return TaskBatch(
      inputs: oneHot(inputs, symbols: ReberGrammar.symbolCount),
      targets: manyHot(strings.map { Array($0.successors.dropLast()) }, symbols: ReberGrammar.symbolCount),
      lengths: inputs.map(\.count))
  }
}

/// The embedded Reber grammar without end: string follows string, and nobody says where one begins (Gers and others 2000).
///
/// Inputs `[batch, steps, 7]`, one-hot: each row begins with a string and is cut after so many steps. Targets `[batch, steps, 7]`: 1 for
/// every symbol that may come next, B after E. A string is 12 symbols long on average; who forgets its second symbol is wrong in half of
/// the strings, so that n strings in a row are right with probability 2⁻ⁿ.
struct ContinualReberTask: Sendable {
  /// The length of a stream.
  let steps: Int

  /// Streams of so many symbols.
  init(steps: Int) {
    require(steps > 0, "ContinualReberTask: a stream of \(steps) symbols is empty")
    self.steps = steps
  }

  /// So many streams and what may follow, `[count, steps, 7]`.
  func batch(_ count: Int, using generator: inout Generator) -> TaskBatch<Tensor> {
    requireRows("ContinualReberTask", count)
    var (inputs, targets): ([[Int]], [[[Int]]]) = ([], [])
    for _ in 0..<count {
      var (symbols, successors): ([Int], [[Int]]) = ([], [])
      while symbols.count < steps {
        let string = ReberGrammar.embeddedString(using: &generator)
        symbols += string.symbols
        successors += string.successors.dropLast() + [[0]]
      }
      inputs.append(Array(symbols.prefix(steps)))
      targets.append(Array(successors.prefix(steps)))
    }
    return TaskBatch(
      inputs: oneHot(inputs, symbols: ReberGrammar.symbolCount), targets: manyHot(targets, symbols: ReberGrammar.symbolCount),
      lengths: Array(repeating: steps, count: count))
  }
}

/// What may come next in aⁿbⁿ or aⁿbⁿcⁿ: who predicts it counts (Gers and Schmidhuber 2001).
///
/// Symbols are a mark that begins and ends a string (0), then the letters. Inputs `[batch, time, letters + 1]`, one-hot: the mark and
/// the letters. Targets of the same shape: 1 for every symbol that may come next; after a these are a and b, else there is one. Who
/// sees only the last letter has at best the strings of n = 1 right, 1 of `longest` where n is uniform in 1 ... longest.
struct CountingTask: Sendable {
  /// How many letters a string has: 2 or 3.
  let letters: Int
  /// The largest n that is drawn.
  let longest: Int

  /// How many features an input has.
  var symbols: Int { letters + 1 }

  /// Strings with n from 1 to `longest`.
  init(letters: Int, longest: Int) {
    require(letters == 2 || letters == 3, "CountingTask: \(letters) letters are not 2 or 3")
    require(longest > 0, "CountingTask: n cannot be drawn from 1 to \(longest)")
    self.letters = letters
    self.longest = longest
  }

  /// So many strings, n drawn uniformly, and what may follow, `[count, time, symbols]`.
  func batch(_ count: Int, using generator: inout Generator) -> TaskBatch<Tensor> {
    requireRows("CountingTask", count)
    return strings((0..<count).map { _ in Int.random(in: 1...longest, using: &generator) })
  }

  /// The strings of the given n, which may be longer than those drawn.
  func strings(_ sizes: [Int]) -> TaskBatch<Tensor> {
    requireRows("CountingTask", sizes.count)
    require(sizes.allSatisfy { $0 > 0 }, "CountingTask: strings of n = \(sizes) are not all of letters")
    let inputs = sizes.map { n in [0] + (1...letters).flatMap { Array(repeating: $0, count: n) } }
    let targets = inputs.map { row in
      row.indices.map { step in row[step] == 1 ? [1, 2] : step + 1 < row.count ? [row[step + 1]] : [0] }
    }
    return TaskBatch(
      inputs: oneHot(inputs, symbols: symbols), targets: manyHot(targets, symbols: symbols), lengths: inputs.map(\.count))
  }
}
