internal import UnrollKernelTemplates

/// The norms of a loss's derivatives by every state of a sequence, per row, as the backward pass meets them: `[parts, steps +
/// 1, batch]` in float64. Index 0 is the state before the first step, in the order in which the sequence runs. NaN where a
/// state is not finite; 0 where a row is idle.
struct StateNorms {
  private let sequence: ProgramSequence
  private let norms: NDArray
  /// The cotangents of the parts of the state after the steps of a segment, `[time, batch, width]`.
  private let cotangents: [NDArray]

  private var parts: Range<Int> { 0..<sequence.partCount }
  private var batch: Int { sequence.batch }

  init(_ sequence: ProgramSequence) {
    self.sequence = sequence
    norms = NDArray(uninitialized: [sequence.partCount, sequence.stepCount + 1, sequence.batch], .float64)
    cotangents = sequence.program.stateWidths.map {
      NDArray(uninitialized: [sequence.segmentLength, sequence.batch, $0], sequence.type)
    }
  }

  private func memory(_ part: Int) -> Int { Memory.byNext(part, parts: parts.count, draws: sequence.draws.count) }

  /// Sets where a segment's steps write the cotangents.
  func begin(_ memories: inout StepMemories) {
    for part in parts {
      let row = sequence.program.stateWidths[part] * sequence.type.size
      memories.set(memory(part), cotangents[part].fill { $0 }, time: batch * row, row: row)
    }
  }

  func clear(_ memories: StepMemories, _ t: Int, _ run: Range<Int>) {
    for part in parts {
      let bytes = run.count * sequence.program.stateWidths[part] * sequence.type.size
      _ = memories.address(memory(part), t, run.lowerBound).initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    }
  }

  /// Stores the norms of a segment whose steps are done.
  func add(_ segment: Segment, _ memories: StepMemories) {
    let count = segment.times.count
    for part in parts {
      let states = NDArray(uninitialized: [count, batch, sequence.program.stateWidths[part]], sequence.type)
      states.fill {
        $0.copyMemory(from: memories.address(Memory.after(part), 0, 0), byteCount: count * sequence.stateBytes(part))
      }
      // Adds 0 for a finite state, NaN for another.
      let found = Self.rowNorms(cotangents[part][..<count]) + Self.rowNorms(states) * 0
      for t in 0..<count {
        let time = segment.times.lowerBound + t
        put(found[t], part, 1 + (sequence.isReversed ? sequence.stepCount - 1 - time : time))
      }
    }
  }

  /// All norms, including those by the state before the first step.
  func beginning(_ byState: [NDArray]) -> NDArray {
    for part in parts { put(Self.rowNorms(byState[part]), part, 0) }
    return norms
  }

  private func put(_ rows: NDArray, _ part: Int, _ step: Int) {
    let place = (part * (sequence.stepCount + 1) + step) * batch * norms.type.size
    rows.contiguous().read { from in norms.fill { ($0 + place).copyMemory(from: from, byteCount: batch * norms.type.size) } }
  }

  private static func rowNorms(_ rows: NDArray) -> NDArray { rows.cast(to: .float64).norm(axes: -1) }
}
