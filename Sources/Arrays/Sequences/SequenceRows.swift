internal import UnrollKernelTemplates

/// The addresses of the memories of some steps: of the first time, at the batch's first row.
struct StepMemories {
  /// The address of the first row, and the bytes from one time to the next and from one row to the next.
  struct Rows {
    let start: UnsafeMutableRawPointer
    var time = 0
    var row = 0

    /// Contiguous rows, in the order of time.
    static func neighbours(_ start: UnsafeMutableRawPointer, _ batch: Int, _ rowBytes: Int) -> Rows {
      Rows(start: start, time: batch * rowBytes, row: rowBytes)
    }

    @inline(__always)
    func address(_ time: Int, _ row: Int) -> UnsafeMutableRawPointer { start + (time &* self.time &+ row &* self.row) }
  }

  private var all: [Rows]
  /// The number of times that the cotangents of products have slots for: later times reuse the slots of earlier ones.
  var cotangentSlots = Int.max

  init(count: Int, _ nothing: UnsafeMutableRawPointer) { all = Array(repeating: Rows(start: nothing), count: count) }

  mutating func set(_ memory: Int, _ start: UnsafeMutableRawPointer, time: Int, row: Int) {
    set(memory, Rows(start: start, time: time, row: row))
  }

  mutating func set(_ memory: Int, _ rows: Rows) { all[memory] = rows }

  /// Writes the addresses of one row at one time.
  @inline(__always)
  func write(_ time: Int, _ row: Int, to memories: UnsafeMutablePointer<UnsafeMutableRawPointer>) {
    all.withUnsafeBufferPointer { all in
      guard var memory = all.baseAddress else { return }
      var target = memories
      let end = memory + all.count
      while memory < end {
        target.pointee = memory.pointee.address(time, row)
        memory += 1
        target += 1
      }
    }
    if time >= cotangentSlots { memories[Memory.cotangents] = address(Memory.cotangents, time, row) }
  }

  func rows(_ memory: Int) -> Rows { all[memory] }

  func address(_ memory: Int, _ time: Int, _ row: Int) -> UnsafeMutableRawPointer {
    let time = memory == Memory.cotangents && time >= cotangentSlots ? time % cotangentSlots : time
    return all[memory].address(time, row)
  }
}

/// The rows of `[time, batch, width]` with any strides of time and batch; each row is contiguous. Batch-first data is a view.
///
/// Products of many steps want contiguous rows. They are gathered a few steps at a time, just before they are read, so that
/// they are in the second-level cache then, and the whole is never copied.
package struct SequenceRows: Sendable {
  private let array: NDArray
  /// The bytes from one time to the next and from one row to the next.
  let time: Int
  let row: Int

  package init(_ array: NDArray) {
    let isInPieces = array.shape[2] > 1 && array.view.strides[2] != 1
    self.array = isInPieces ? array.contiguous() : array
    let (strides, size) = (self.array.view.strides, array.type.size)
    (time, row) = (strides[0] * size, strides[1] * size)
  }

  package var steps: Int { array.shape[0] }
  package var batch: Int { array.shape[1] }
  var width: Int { array.shape[2] }
  var shape: Shape { array.shape }
  var type: ElementType { array.type }
  var rowBytes: Int { width * type.size }
  /// Whether all rows are contiguous, in the order of time.
  var areTogether: Bool {
    (batch == 1 || row == rowBytes) && (steps == 1 || time == batch * rowBytes)
  }

  /// The bytes that the rows of so many times take when gathered; 0 where they need not be.
  func gatheredBytes(_ times: Int) -> Int { areTogether ? 0 : times * batch * rowBytes }

  /// The rows of some times, in place.
  func rows(_ times: Range<Int>) -> StepMemories.Rows {
    let start = array.read { UnsafeMutableRawPointer(mutating: $0) + times.lowerBound * time }
    return areTogether ? .neighbours(start, batch, rowBytes) : StepMemories.Rows(start: start, time: time, row: row)
  }

  /// The rows of some times, contiguous and in the order of time: in place, or copied to `target`.
  func neighbours(_ times: Range<Int>, gatheredIn target: UnsafeMutableRawPointer) -> StepMemories.Rows {
    if areTogether { return rows(times) }
    gather(times, into: target)
    return .neighbours(target, batch, rowBytes)
  }

  /// The region to prefetch before the rows of some times are read; nil where they are not contiguous.
  func region(_ times: Range<Int>) -> Region? {
    areTogether ? Region(rows(times).start, byteCount: times.count * batch * rowBytes) : nil
  }

  /// A thread copies all times of a row in turn, since these are contiguous in batch-first data.
  private func gather(_ times: Range<Int>, into target: UnsafeMutableRawPointer) {
    let start = rows(times).start
    let (batch, bytes) = (batch, rowBytes)
    parallel(batch, grain: max(1, (1 << 15) / (times.count * bytes))) { rows in
      for row in rows {
        for t in 0..<times.count {
          (target + (t * batch + row) * bytes).copyMemory(from: start + t * time + row * self.row, byteCount: bytes)
        }
      }
    }
    withExtendedLifetime(array) {}
  }
}

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
