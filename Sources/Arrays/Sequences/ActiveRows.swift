/// The rows of a batch that take part in each step. For the others, the sequence has not begun or has ended.
package struct ActiveRows: Sendable {
  /// For each step, the ranges of active rows, in order.
  private let runs: [[Range<Int>]]

  /// From a mask `[time, batch, 1]`.
  package init(_ mask: Mask) {
    let (steps, batch) = (mask.shape[0], mask.shape[1])
    let values = mask.values
    runs = (0..<steps).map { step in
      var runs: [Range<Int>] = []
      for row in 0..<batch where values[step * batch + row] {
        if let last = runs.last, last.upperBound == row {
          runs[runs.count - 1] = last.lowerBound..<(row + 1)
        } else {
          runs.append(row..<(row + 1))
        }
      }
      return runs
    }
  }

  /// Calls `active` and `idle` for the ranges of a part of the rows, in order.
  func forEachRun(
    at step: Int, in part: Range<Int>, active: (Range<Int>) -> Void, idle: (Range<Int>) -> Void
  ) {
    var first = part.lowerBound
    for run in runs[step] {
      let run = run.clamped(to: part)
      if run.isEmpty { continue }
      if first < run.lowerBound { idle(first..<run.lowerBound) }
      active(run)
      first = run.upperBound
    }
    if first < part.upperBound { idle(first..<part.upperBound) }
  }
}
