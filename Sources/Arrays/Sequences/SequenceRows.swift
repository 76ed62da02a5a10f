internal import UnrollKernelTemplates

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
