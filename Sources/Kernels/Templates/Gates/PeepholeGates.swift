/// As `lstmForward`, with p c added to the gates before activation: i and f see the memory before, o the one after.
/// The weights are pᵢ, p_f, pₒ, one row of `hidden` elements each.
@inlinable @inline(__always)
func peepholeForward<V: Vector>(
  _: V.Type, _ activations: GateKernels.Activations, _ step: StepRows, _ rows: Int, _ hidden: Int
) {
  let block = hidden &* MemoryLayout<V.Scalar>.size
  forEachVector(PeepholesBefore<V>(step, hidden), rows, hidden)
  var row = 0
  while row < rows {
    let gates = step.gates(V.self, row: row)
    activations.sigmoid.run(gates, gates, 2 &* hidden, 0, 0)
    activations.tanh.run(gates + (2 &* block), gates + (2 &* block), hidden, 0, 0)
    row &+= 1
  }
  forEachVector(LSTMMemory<V>(step, hidden), rows, hidden)
  forEachVector(PeepholeAfter<V>(step, hidden), rows, hidden)
  row = 0
  while row < rows {
    let gate = step.gates(V.self, row: row) + 3 &* block
    activations.sigmoid.run(gate, gate, hidden, 0, 0)
    row &+= 1
  }
  activations.tanh.run(step.cell, step.hidden, rows &* hidden, 0, 0)
  forEachVector(LSTMOutput<V>(step, hidden), rows, hidden)
}

/// aᵢ += pᵢ c₀, a_f += p_f c₀.
@usableFromInline
struct PeepholesBefore<V: Vector>: StepBody {
  @usableFromInline let gates: Elements<V>
  @usableFromInline let width: Int
  @usableFromInline let cellBefore: Elements<V>
  @usableFromInline let p: Elements<V>
  @usableFromInline let hidden: Int

  @inlinable @inline(__always)
  init(_ step: StepRows, _ hidden: Int) {
    gates = Elements(step.gates)
    width = step.width
    cellBefore = Elements(step.cellBefore)
    p = Elements(step.weights)
    self.hidden = hidden
  }

  @inlinable @inline(__always)
  func apply<Count: LaneCount>(_ row: Int, _ column: Int, _ n: Count) {
    let (here, a) = (row &* hidden &+ column, row &* width &+ column)
    let before = cellBefore[here, n]
    gates[a, n] = before.multiplied(by: p[column, n], adding: gates[a, n])
    gates[a &+ hidden, n] = before.multiplied(by: p[hidden &+ column, n], adding: gates[a &+ hidden, n])
  }
}

/// aₒ += pₒ c.
@usableFromInline
struct PeepholeAfter<V: Vector>: StepBody {
  @usableFromInline let gates: Elements<V>
  @usableFromInline let width: Int
  @usableFromInline let cell: Elements<V>
  @usableFromInline let p: Elements<V>
  @usableFromInline let hidden: Int

  @inlinable @inline(__always)
  init(_ step: StepRows, _ hidden: Int) {
    gates = Elements(step.gates)
    width = step.width
    cell = Elements(step.cell)
    p = Elements(step.weights)
    self.hidden = hidden
  }

  @inlinable @inline(__always)
  func apply<Count: LaneCount>(_ row: Int, _ column: Int, _ n: Count) {
    let (here, a) = (row &* hidden &+ column, row &* width &+ column)
    let gate = a &+ 3 &* hidden
    gates[gate, n] = cell[here, n].multiplied(by: p[2 &* hidden &+ column, n], adding: gates[gate, n])
  }
}

/// As `lstmBackward`; what the gates see of the memory comes back: c̄ += pₒ āₒ before, and c̄ ← c̄ f + pᵢ āᵢ + p_f ā_f after.
@inlinable @inline(__always)
func peepholeBackward<V: Vector>(
  _: V.Type, _ activations: GateKernels.Activations, _ step: StepRows, _ cotangents: StepCotangents, _ rows: Int, _ hidden: Int
) {
  tangents(V.self, activations, step, cotangents, rows, hidden)
  forEachVector(PeepholeBackward<V>(step, cotangents, hidden), rows, hidden)
}

/// The rest of the way back, with T in the place of āₒ.
@usableFromInline
struct PeepholeBackward<V: Vector>: StepBody {
  @usableFromInline let gates: Elements<V>
  @usableFromInline let width: Int
  @usableFromInline let cellBefore: Elements<V>
  @usableFromInline let p: Elements<V>
  @usableFromInline let above: Elements<V>
  @usableFromInline let next: Elements<V>
  @usableFromInline let byCell: Elements<V>
  @usableFromInline let byGates: Elements<V>
  @usableFromInline let hidden: Int

  @inlinable @inline(__always)
  init(_ step: StepRows, _ cotangents: StepCotangents, _ hidden: Int) {
    gates = Elements(step.gates)
    width = step.width
    cellBefore = Elements(step.cellBefore)
    p = Elements(step.weights)
    above = Elements(cotangents.above)
    next = Elements(cotangents.next)
    byCell = Elements(cotangents.byCell)
    byGates = Elements(cotangents.byGates)
    self.hidden = hidden
  }

  @inlinable @inline(__always)
  func prefetch(_ row: Int) {
    gates.prefetch(row &* width, count: 4 &* hidden)
    cellBefore.prefetch(row &* hidden, count: hidden)
    above.prefetch(row &* hidden, count: hidden)
    byGates.prefetch(4 &* row &* hidden, count: 3 &* hidden)
  }

  @inlinable @inline(__always)
  func apply<Count: LaneCount>(_ row: Int, _ column: Int, _ n: Count) {
    let (here, a, b) = (row &* hidden &+ column, row &* width &+ column, 4 &* row &* hidden &+ column)
    let one = V.number(1)
    let (i, f) = (gates[a, n], gates[a &+ hidden, n])
    let (g, o) = (gates[a &+ 2 &* hidden, n], gates[a &+ 3 &* hidden, n])
    let t = byGates[b &+ 3 &* hidden, n]
    let byOutput = above[here, n] + next[here, n]
    let byO = byOutput * t * (o * (one - o))
    let inner = (byOutput * o).multiplied(by: one - t * t, adding: byCell[here, n])
    let c = byO.multiplied(by: p[2 &* hidden &+ column, n], adding: inner)
    let byI = c * g * (i * (one - i))
    let byF = c * cellBefore[here, n] * (f * (one - f))
    byGates[b, n] = byI
    byGates[b &+ hidden, n] = byF
    byGates[b &+ 2 &* hidden, n] = c * i * (one - g * g)
    byGates[b &+ 3 &* hidden, n] = byO
    byCell[here, n] = byI.multiplied(by: p[column, n], adding: byF.multiplied(by: p[hidden &+ column, n], adding: c * f))
  }
}
