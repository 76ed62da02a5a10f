internal import UnrollArrays
internal import UnrollAutograd

/// Examples of a task: padded sequences, their lengths, and the targets.
struct TaskBatch<Targets: Sendable>: Sendable {
  /// The sequences, `[batch, time, features]`; zeros beyond a row's length.
  let inputs: Tensor
  /// The targets, as the task documents them.
  let targets: Targets
  /// The number of steps of each row.
  let lengths: [Int]
  /// The steps that a network sees, `[batch, time]`, where numbers are missing; nil if it sees all within the lengths.
  var seen: Mask?

  /// The steps that count, `[batch, time]`: those within each row's length.
  var mask: Mask {
    let steps = inputs.shape[1]
    return Mask(lengths.flatMap { length in (0..<steps).map { $0 < length } }, shape: [lengths.count, steps])
  }
}

/// Rows of symbols as one-hot vectors, `[batch, time, symbols]`; zeros beyond each row's end.
func oneHot(_ rows: [[Int]], symbols: Int) -> Tensor { manyHot(rows.map { $0.map { [$0] } }, symbols: symbols) }

/// Rows of sets of symbols as vectors with ones at the symbols' places, `[batch, time, symbols]`; zeros beyond each row's end.
func manyHot(_ rows: [[[Int]]], symbols: Int) -> Tensor {
  let steps = rows.map(\.count).max() ?? 0
  var numbers = [Float](repeating: 0, count: rows.count * steps * symbols)
  for (row, sets) in rows.enumerated() {
    for (step, set) in sets.enumerated() {
      for symbol in set { numbers[(row * steps + step) * symbols + symbol] = 1 }
    }
  }
  return Tensor(numbers, shape: [rows.count, steps, symbols])
}

/// Stops unless a batch has rows.
func requireRows(_ task: String, _ count: Int) { require(count > 0, "\(task): a batch of \(count) rows has no examples") }

/// The adding problem: two of many numbers are marked, and the answer after the last is their sum (Hochreiter and Schmidhuber
/// 1997, drawn as in Le et al.).
///
/// Inputs `[batch, steps, 2]`: a number uniform in 0..<1, and a mark that is 1 at one place in each half and 0 elsewhere.
/// Targets `[batch, 1]`: the sum of the marked numbers. Always answering 1 has a mean squared error of 2 · 1/12 = 1/6.
struct AddingTask: Sendable {
  /// The number of numbers in a sequence.
  let steps: Int

  /// The mean squared error of the best constant answer.
  static let baseline = 1.0 / 6

  /// A task with sequences of `steps` numbers.
  init(steps: Int) {
    require(steps >= 2, "AddingTask: two numbers cannot be marked among \(steps)")
    self.steps = steps
  }

  /// A batch of `count` sequences and their sums, `[count, 1]`.
  func batch(_ count: Int, using generator: inout Generator) -> TaskBatch<Tensor> {
    requireRows("AddingTask", count)
    let numbers = NDArray.uniform([count * steps], using: &generator).scalars(as: Float.self)
    var (inputs, sums): ([Float], [Float]) = (numbers.flatMap { [$0, Float(0)] }, [])
    for row in 0..<count {
      let first = row * steps + Int.random(in: 0..<steps / 2, using: &generator)
      let second = row * steps + Int.random(in: steps / 2..<steps, using: &generator)
      inputs[2 * first + 1] = 1
      inputs[2 * second + 1] = 1
      sums.append(numbers[first] + numbers[second])
    }
    return TaskBatch(
      inputs: Tensor(inputs, shape: [count, steps, 2]), targets: Tensor(sums, shape: [count, 1]),
      lengths: Array(repeating: steps, count: count))
  }
}

/// The copy task: ten letters are shown, and must be repeated after a long delay (Hochreiter and Schmidhuber 1997, as in
/// Arjovsky et al.).
///
/// Inputs `[batch, delay + 20, 10]`, one-hot: ten letters 1...8, then blanks (0) except for a signal (9) ten steps before the
/// end. Targets `[batch, delay + 20]`: blanks, and the letters in the last ten steps. Answering blanks and then guessing has a
/// mean cross-entropy of 10 ln 8 / (delay + 20).
struct CopyTask: Sendable {
  /// The number of steps between the last letter shown and the first repeated.
  let delay: Int

  /// The number of input features, and of target classes.
  static let symbols = 10

  private static let letters = 10
  private static let signal = 9

  /// The length of a sequence.
  var steps: Int { delay + 2 * CopyTask.letters }

  /// The mean cross-entropy, in nats per step, of a model that forgets the letters and knows everything else.
  var baseline: Double { 10 * 2.0794415416798357 / Double(steps) }

  /// A task with the given delay.
  init(delay: Int) {
    require(delay >= 1, "CopyTask: a delay of \(delay) steps leaves no room for the signal")
    self.delay = delay
  }

  /// A batch of `count` sequences and their targets, `[count, steps]`.
  func batch(_ count: Int, using generator: inout Generator) -> TaskBatch<Indices> {
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

/// Temporal order: two or three of many symbols matter, and the answer at the end is their order (Hochreiter and Schmidhuber
/// 1997, tasks 6a and 6b).
///
/// Inputs `[batch, time, 8]`, one-hot: a beginning B, irrelevant letters a b c d, X or Y at two or three places in separate
/// tenths of the sequence, an end E. Lengths are drawn from steps...1.1 · steps. Targets `[batch]`: the Xs and Ys read as a
/// binary number, 4 or 8 classes. All are equally likely, so that chance is 1/4 or 1/8.
struct TemporalOrderTask: Sendable {
  /// The number of symbols that matter: 2 or 3.
  let symbols: Int
  /// The shortest length.
  let steps: Int

  /// The number of input features: a b c d X Y B E, in this order.
  static let features = 8

  /// The number of possible orders.
  var classes: Int { 1 << symbols }

  /// The fraction of sequences that a guess gets right.
  var baseline: Double { 1 / Double(classes) }

  /// A task with sequences of at least `steps` steps, of whose symbols two or three matter.
  init(symbols: Int = 2, steps: Int) {
    require(symbols == 2 || symbols == 3, "TemporalOrderTask: \(symbols) symbols that matter are not 2 or 3")
    require(steps >= 20, "TemporalOrderTask: \(steps) steps have no tenths of two places each; 20 are needed")
    self.symbols = symbols
    self.steps = steps
  }

  /// The places of the symbols that matter, in hundredths of the steps, as in the paper.
  private var places: [Int] { symbols == 2 ? [10, 50] : [10, 33, 66] }

  /// A batch of `count` sequences and their classes, `[count]`.
  func batch(_ count: Int, using generator: inout Generator) -> TaskBatch<Indices> {
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
