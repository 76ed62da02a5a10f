public import UnrollArrays
public import UnrollAutograd

/// What may come next in aⁿbⁿ or aⁿbⁿcⁿ: who predicts it counts (Gers and Schmidhuber 2001).
///
/// Symbols are a mark that begins and ends a string (0), then the letters. Inputs `[batch, time, letters + 1]`, one-hot: the mark and
/// the letters. Targets of the same shape: 1 for every symbol that may come next; after a these are a and b, else there is one. Who
/// sees only the last letter has at best the strings of n = 1 right, 1 of `longest` where n is uniform in 1 ... longest.
///
///     let task = CountingTask(letters: 3, longest: 10)
///     let batch = task.batch(8, using: &generator)
public struct CountingTask: Sendable, Hashable {
  /// How many letters a string has: 2 or 3.
  public let letters: Int
  /// The largest n that is drawn.
  public let longest: Int

  /// How many features an input has.
  public var symbols: Int { letters + 1 }

  /// The share of drawn strings that are right at best for who sees only the last letter.
  public var baseline: Double { 1 / Double(longest) }

  /// Strings with n from 1 to `longest`.
  public init(letters: Int, longest: Int) {
    require(letters == 2 || letters == 3, "CountingTask: \(letters) letters are not 2 or 3")
    require(longest > 0, "CountingTask: n cannot be drawn from 1 to \(longest)")
    self.letters = letters
    self.longest = longest
  }

  /// So many strings, n drawn uniformly, and what may follow, `[count, time, symbols]`.
  public func batch(_ count: Int, using generator: inout Generator) -> TaskBatch<Tensor> {
    requireRows("CountingTask", count)
    return strings((0..<count).map { _ in Int.random(in: 1...longest, using: &generator) })
  }

  /// The strings of the given n, which may be longer than those drawn.
  public func strings(_ sizes: [Int]) -> TaskBatch<Tensor> {
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
