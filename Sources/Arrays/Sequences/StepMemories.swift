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
