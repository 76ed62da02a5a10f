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
