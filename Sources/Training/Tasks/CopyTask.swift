public import UnrollArrays
internal import UnrollAutograd

/// Ten letters are shown, and have to be repeated after a long wait (Hochreiter and Schmidhuber 1997, as Arjovsky and others set it).
///
/// Inputs `[batch, delay + 20, 10]`, one-hot: ten letters 1 ... 8, then blanks (0) but for a signal (9) ten steps before the end.
/// Targets `[batch, delay + 20]`: blanks, and at the last ten steps the letters. Who says blanks and then guesses has a mean cross
/// entropy of 10 ln 8 / (delay + 20).
///
///     let task = CopyTask(delay: 100)
///     print(task.steps, task.baseline)  // 120, 0.17329
public struct CopyTask: Sendable, Hashable {
  /// How many steps lie between the last letter shown and the first repeated.
  public let delay: Int

  /// How many features an input has, and how many classes a target.
  public static let symbols = 10

  private static let letters = 10
  private static let signal = 9

  /// The length of a sequence.
  public var steps: Int { delay + 2 * CopyTask.letters }

  /// The mean cross entropy, in nats a step, of who remembers no letter and knows all else.
  public var baseline: Double { 10 * 2.0794415416798357 / Double(steps) }

  /// Sequences with so long a wait.
  public init(delay: Int) {
    require(delay >= 1, "CopyTask: a delay of \(delay) steps leaves no room for the signal")
    self.delay = delay
  }

  /// So many sequences, and what is to be said at each step, `[count, steps]`.
  public func batch(_ count: Int, using generator: inout Generator) -> TaskBatch<Indices> {
    requireRows("CopyTask", count)
    let (letters, signal) = (CopyTask.letters, CopyTask.signal)
    var (inputs, targets): ([[Int]], [Int]) = ([], [])
    for _ in 0..<count {
      let shown = (0..<letters).map { _ in Int.random(in: 1...8, using: &generator) }
      let wait = Array(repeating: 0, count: delay - 1)
      inputs.append(shown + wait + [signal] + Array(repeating: 0, count: letters))
      targets += Array(repeating: 0, count: steps - letters) + shown
    }
    return TaskBatch(
      inputs: oneHot(inputs, symbols: CopyTask.symbols), targets: Indices(targets, shape: [count, steps]),
      lengths: Array(repeating: steps, count: count))
  }
}
