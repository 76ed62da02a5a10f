public import UnrollArrays
internal import UnrollAutograd

/// Two or three of many symbols matter, and their order is to be said at the end (Hochreiter and Schmidhuber 1997, tasks 6a and 6b).
///
/// Inputs `[batch, time, 8]`, one-hot: a beginning B, letters a b c d that mean nothing, X or Y at two or three places drawn from tenths
/// of the sequence that lie apart, an end E. Lengths are drawn from steps ... 1.1 · steps. Targets `[batch]`: the Xs and Ys read as a
/// binary number, 4 classes or 8. Each is equally likely, so that chance is 1/4 or 1/8.
///
///     let task = TemporalOrderTask(symbols: 2, steps: 50)
///     let batch = task.batch(32, using: &generator)
public struct TemporalOrderTask: Sendable, Hashable {
  /// How many symbols matter: 2 or 3.
  public let symbols: Int
  /// The shortest length.
  public let steps: Int

  /// How many features an input has: a b c d X Y B E in this order.
  public static let features = 8

  /// How many orders there are.
  public var classes: Int { 1 << symbols }

  /// The share of sequences that a guess gets right.
  public var baseline: Double { 1 / Double(classes) }

  /// Sequences of at least so many steps with two or three symbols that matter.
  public init(symbols: Int = 2, steps: Int) {
    require(symbols == 2 || symbols == 3, "TemporalOrderTask: \(symbols) symbols that matter are not 2 or 3")
    require(steps >= 20, "TemporalOrderTask: \(steps) steps have no tenths of two places each; 20 are needed")
    self.symbols = symbols
    self.steps = steps
  }

  /// Where the symbols that matter may stand, in hundredths of the steps, as in the paper.
  private var places: [Int] { symbols == 2 ? [10, 50] : [10, 33, 66] }

  /// So many sequences and their classes, `[count]`.
  public func batch(_ count: Int, using generator: inout Generator) -> TaskBatch<Indices> {
    requireRows("TemporalOrderTask", count)
    var (rows, labels): ([[Int]], [Int]) = ([], [])
    for _ in 0..<count {
      let length = Int.random(in: steps...steps + steps / 10, using: &generator)
      var row = [6] + (1..<length - 1).map { _ in Int.random(in: 0..<4, using: &generator) } + [7]
      var label = 0
      for place in places {
        let first = place * steps / 100
        let symbol = Int.random(in: 0...1, using: &generator)
        row[Int.random(in: first..<first + steps / 10, using: &generator)] = 4 + symbol
        label = 2 * label + symbol
      }
      rows.append(row)
      labels.append(label)
    }
    return TaskBatch(
      inputs: oneHot(rows, symbols: TemporalOrderTask.features), targets: Indices(labels), lengths: rows.map(\.count))
  }
}
