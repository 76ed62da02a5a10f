/// The cotangents of the gates of a segment's steps: where they lie, all of them or those of the last few steps, and how they are packed,
/// a few steps at a time, while they lie in the second-level cache.
struct StepCotangentRows {
  private let start: UnsafeMutableRawPointer
  private let columns: Int
  private let batch: Int
  private let steps: Int
  private let together: Int
  private let slots: Int
  private let isReversed: Bool
  private let packed: PackedMatrix?
  private let rowBytes: Int

  /// Those of a segment, in memory for all of its steps or for as few as are packed together.
  init(_ sequence: RecurrentSequence, _ segment: Segment, _ memory: NDArray, _ packed: PackedMatrix?) {
    start = memory.fill { $0 }
    columns = memory.shape[1]
    batch = sequence.batch
    steps = segment.times.count
    together = Self.together(sequence)
    slots = memory.shape[0] / batch
    isReversed = sequence.isReversed
    self.packed = packed
    rowBytes = columns * sequence.type.size
  }

  /// Steps that are packed together.
  static func together(_ sequence: RecurrentSequence) -> Int { min(max(1, 64 / sequence.batch), sequence.segmentLength) }

  /// Where a row of the segment's time t begins.
  func address(_ t: Int, _ row: Int) -> UnsafeMutableRawPointer { start + (t % slots * batch + row) * rowBytes }

  /// Packs some rows of the steps that are packed together with t, if t is the last of them that the walk back meets.
  func packIfLast(_ t: Int, _ part: Range<Int>) {
    guard let packed else { return }
    let first = t / together * together
    let end = min(first + together, steps)
    if t != (isReversed ? end - 1 : first) { return }
    if part.count == batch { return packed.pack(address(first, 0), row: columns, rows: (first * batch)..<(end * batch)) }
    for step in first..<end {
      let row = step * batch + part.lowerBound
      packed.pack(address(step, part.lowerBound), row: columns, rows: row..<(row + part.count))
    }
  }
}
