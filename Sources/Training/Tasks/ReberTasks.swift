public import UnrollArrays
public import UnrollAutograd

/// What may come next in strings of the embedded Reber grammar: the last symbol but one repeats the second.
///
/// Inputs `[batch, time, 7]`, one-hot: the strings without their last symbol. Targets `[batch, time, 7]`: 1 for every symbol that may
/// come next, one or two a step. Who knows all but the second symbol says either T or P at the end, and has half of the strings right.
///
///     let task = EmbeddedReberTask()
///     let batch = task.batch(8, using: &generator)
public struct EmbeddedReberTask: Sendable, Hashable {
  /// The share of strings that are right by chance for who forgets the second symbol.
  public static let baseline = 0.5

  /// The task.
  public init() {}

  /// So many strings and what may follow, `[count, time, 7]`.
  public func batch(_ count: Int, using generator: inout Generator) -> TaskBatch<Tensor> {
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
///
///     let task = ContinualReberTask(steps: 200)
///     let stream = task.batch(4, using: &generator)
public struct ContinualReberTask: Sendable, Hashable {
  /// The length of a stream.
  public let steps: Int

  /// The share of strings that are right by chance for who forgets the second symbol.
  public static let baseline = 0.5

  /// Streams of so many symbols.
  public init(steps: Int) {
    require(steps > 0, "ContinualReberTask: a stream of \(steps) symbols is empty")
    self.steps = steps
  }

  /// So many streams and what may follow, `[count, steps, 7]`.
  public func batch(_ count: Int, using generator: inout Generator) -> TaskBatch<Tensor> {
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
