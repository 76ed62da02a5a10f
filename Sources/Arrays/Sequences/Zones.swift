internal import UnrollKernelTemplates

/// How much of a state stays as it was at each step: s ← s + k (s₀ − s), with k for every number.
package struct Zones: Sendable {
  /// k of the output, `[time, batch, hidden]`, or `[1, batch, hidden]` where all steps are alike; nil where nothing stays.
  let hidden: NDArray?
  /// k of the memory likewise.
  let cell: NDArray?

  package init(hidden: NDArray?, cell: NDArray?) {
    self.hidden = hidden?.contiguous()
    self.cell = cell?.contiguous()
  }
}

extension RecurrentSequence {
  /// Where k of some rows of a step begins.
  private func address(_ k: NDArray, _ time: Int, _ run: Range<Int>) -> UnsafeRawPointer {
    k.read { $0 + (k.shape[0] == 1 ? 0 : time) * stateBytes + run.lowerBound * size * type.size }
  }

  /// After a step: what stays.
  func keepZones(_ step: StepRows, _ time: Int, _ run: Range<Int>) {
    guard let zones else { return }
    let kernel = hidden.kernels.gates.zoneout
    if let k = zones.hidden { kernel.keep(step.hiddenBefore, address(k, time, run), step.hidden, run.count * size) }
    if let k = zones.cell { kernel.keep(step.cellBefore, address(k, time, run), step.cell, run.count * size) }
    withExtendedLifetime(zones) {}
  }

  /// The way back through a step of some rows whose states partly stay. The cotangents of what stays wait in `scratch`, four times the
  /// numbers of all states; the memory before any of it stayed comes from the gates again.
  func stepBack(
    _ step: StepRows, _ cotangents: StepCotangents, _ time: Int, _ run: Range<Int>, _ scratch: UnsafeMutableRawPointer?,
    _ backward: (StepRows, StepCotangents, Int, Int) -> Void
  ) {
    guard let zones, let scratch else { return backward(step, cotangents, run.count, size) }
    let (kernels, count) = (hidden.kernels, run.count * size)
    let add = kernels.elements.binary(.addition)
    let row = run.lowerBound * size * type.size
    let (through, keptHidden) = (scratch + row, scratch + stateBytes + row)
    let keptCell = scratch + 2 * stateBytes + row
    var (inner, inside) = (step, cotangents)
    if let k = zones.hidden {
      add.run(cotangents.above, 1, UnsafeRawPointer(cotangents.next), 1, through, count)
      kernels.gates.zoneout.split(through, address(k, time, run), keptHidden, count)
      _ = cotangents.next.initializeMemory(as: UInt8.self, repeating: 0, count: count * type.size)
      inside.above = UnsafeRawPointer(through)
    }
    if let k = zones.cell {
      kernels.gates.zoneout.split(cotangents.byCell, address(k, time, run), keptCell, count)
      inner.cell = scratch + 3 * stateBytes + row
      newMemory(step, run.count, inner.cell)
    }
    backward(inner, inside, run.count, size)
    if zones.hidden != nil {
      add.run(UnsafeRawPointer(cotangents.next), 1, UnsafeRawPointer(keptHidden), 1, cotangents.next, count)
    }
    if zones.cell != nil {
      add.run(UnsafeRawPointer(cotangents.byCell), 1, UnsafeRawPointer(keptCell), 1, cotangents.byCell, count)
    }
    withExtendedLifetime(zones) {}
  }

  /// f c₀ + i g of some rows.
  private func newMemory(_ step: StepRows, _ count: Int, _ target: UnsafeMutableRawPointer) {
    let kernel = hidden.kernels.gates.zoneout
    let (state, gates) = (size * type.size, rule.firstGate * size * type.size)
    for row in 0..<count {
      var one = step
      one.gates = step.gates + row * rule.width(size) * type.size + gates
      one.cellBefore = step.cellBefore + row * state
      one.cell = target + row * state
      kernel.memory(one, size)
    }
  }
}
