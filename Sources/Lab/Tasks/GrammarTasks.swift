internal import UnrollArrays
internal import UnrollAutograd

/// Reber's grammar: a random walk through a small graph that emits a symbol at every step.
///
/// The symbols are B T S X P V E, numbered 0...6. Both edges out of a node are equally likely; a string has 8 symbols on
/// average.
enum ReberGrammar {
  /// A string of a grammar, with the possible successors of each symbol.
  struct Walk {
    /// The string.
    let symbols: [Int]
    /// The possible successors of each symbol; none for the last.
    let successors: [[Int]]
  }

  /// The number of symbols.
  static let symbolCount = 7

  /// The edges out of every node: the emitted symbol, and the next node.
  private static let ways: [[(symbol: Int, node: Int)]] = [
    [(0, 1)], [(1, 2), (4, 3)], [(2, 2), (3, 4)], [(1, 3), (5, 5)], [(3, 3), (2, 6)], [(4, 4), (5, 6)], [(6, 7)], [],
  ]

  /// A string of the grammar, from B to E.
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

  /// A string of the embedded grammar: B, T or P, a string of the grammar, the same T or P again, and E; 12 symbols on average.
  static func embeddedString(using generator: inout Generator) -> Walk {
    let inner = string(using: &generator)
    let branch = Bool.random(using: &generator) ? 1 : 4
    return Walk(
      symbols: [0, branch] + inner.symbols + [branch, 6],
      successors: [[1, 4], [0]] + inner.successors.dropLast() + [[branch], [6], []])
  }
}

/// Predict the possible next symbols in strings of the embedded Reber grammar, whose last symbol but one repeats the second.
///
/// Inputs `[batch, time, 7]`, one-hot: the strings without their last symbol. Targets `[batch, time, 7]`: 1 for every symbol
/// that may come next, one or two per step. A model that knows everything but the second symbol guesses T or P near the end,
/// and gets half of the strings right.
struct EmbeddedReberTask: Sendable {
  /// The fraction of strings that a model gets right by chance if it forgets the second symbol.
  static let baseline = 0.5

  /// A batch of `count` strings and their possible successors, `[count, time, 7]`.
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

/// The continual embedded Reber grammar: strings follow each other without a marked beginning (Gers et al. 2000).
///
/// Inputs `[batch, steps, 7]`, one-hot: each row starts with a string and is cut off after `steps` symbols. Targets `[batch,
/// steps, 7]`: 1 for every symbol that may come next, B after E. A string has 12 symbols on average. A model that forgets its
/// second symbol gets half of the strings wrong, so that n strings in a row are right with probability 2⁻ⁿ.
struct ContinualReberTask: Sendable {
  /// The length of a stream.
  let steps: Int

  /// A task with streams of `steps` symbols.
  init(steps: Int) {
    require(steps > 0, "ContinualReberTask: a stream of \(steps) symbols is empty")
    self.steps = steps
  }

  /// A batch of `count` streams and their possible successors, `[count, steps, 7]`.
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

/// Predict the possible next symbols in aⁿbⁿ or aⁿbⁿcⁿ, which requires counting (Gers and Schmidhuber 2001).
///
/// The symbols are a mark that begins and ends a string (0), and the letters. Inputs `[batch, time, letters + 1]`, one-hot: the
/// mark and the letters. Targets of the same shape: 1 for every symbol that may come next, which is a or b after a, and a
/// single symbol otherwise. A model that sees only the last letter gets at best the strings with n = 1 right, 1 of `longest` if
/// n is uniform in 1...longest.
struct CountingTask: Sendable {
  /// The number of different letters of a string: 2 or 3.
  let letters: Int
  /// The largest n that is drawn.
  let longest: Int

  /// The number of input features.
  var symbols: Int { letters + 1 }

  /// A task with n from 1 to `longest`.
  init(letters: Int, longest: Int) {
    require(letters == 2 || letters == 3, "CountingTask: \(letters) letters are not 2 or 3")
    require(longest > 0, "CountingTask: n cannot be drawn from 1 to \(longest)")
    self.letters = letters
    self.longest = longest
  }

  /// A batch of `count` strings with uniform n, and their possible successors, `[count, time, symbols]`.
  func batch(_ count: Int, using generator: inout Generator) -> TaskBatch<Tensor> {
    requireRows("CountingTask", count)
    return strings((0..<count).map { _ in Int.random(in: 1...longest, using: &generator) })
  }

  /// The strings with the given n, which may be longer than `longest`.
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
