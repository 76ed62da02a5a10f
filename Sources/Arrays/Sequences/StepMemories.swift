/// Where the memories of some steps begin: those of the first time, at the batch's first row.
struct StepMemories {
  private struct Run {
    var start: UnsafeMutableRawPointer
    /// Bytes from one time to the next, and from one row to the next.
    var time = 0
    var row = 0
  }

  private var all: [Run]
  /// How many times the cotangents of products have room for: later ones take the places of earlier ones.
  var cotangentSlots = Int.max

  init(count: Int, _ nothing: UnsafeMutableRawPointer) { all = Array(repeating: Run(start: nothing), count: count) }

  mutating func set(_ memory: Int, _ start: UnsafeMutableRawPointer, time: Int, row: Int) {
    all[memory] = Run(start: start, time: time, row: row)
  }

  /// Writes the addresses of a row of a time.
  @inline(__always)
  func write(_ time: Int, _ row: Int, to memories: UnsafeMutablePointer<UnsafeMutableRawPointer>) {
    all.withUnsafeBufferPointer { all in
      guard var memory = all.baseAddress else { return }
      var target = memories
      let end = memory + all.count
      while memory < end {
        target.pointee = memory.pointee.start + (time &* memory.pointee.time &+ row &* memory.pointee.row)
        memory += 1
        target += 1
      }
    }
    if time >= cotangentSlots { memories[Memory.cotangents] = address(Memory.cotangents, time, row) }
  }

  func address(_ memory: Int, _ time: Int, _ row: Int) -> UnsafeMutableRawPointer {
    let time = memory == Memory.cotangents && time >= cotangentSlots ? time % cotangentSlots : time
    return all[memory].start + (time &* all[memory].time &+ row &* all[memory].row)
  }
}
