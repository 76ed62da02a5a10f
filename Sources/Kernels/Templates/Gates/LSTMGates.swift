/// i, f, o ← σ, g ← tanh in place; c ← f c₀ + i g; h ← o tanh c. A row of gates begins with 4·hidden elements i, f, g, o.
@inlinable @inline(__always)
func lstmForward<V: Vector>(
  _: V.Type, _ activations: GateKernels.Activations, _ step: StepRows, _ rows: Int, _ hidden: Int
) {
  activateGates(V.self, activations, step, rows, hidden)
  forEachVector(LSTMMemory<V>(step, hidden), rows, hidden)
  activations.tanh.run(step.cell, step.hidden, rows &* hidden, 0, 0)
  forEachVector(LSTMOutput<V>(step, hidden), rows, hidden)
}

/// σ of all gates but g, whose tanh.
@inlinable @inline(__always)
func activateGates<V: Vector>(
  _: V.Type, _ activations: GateKernels.Activations, _ step: StepRows, _ rows: Int, _ hidden: Int
) {
  let block = hidden &* MemoryLayout<V.Scalar>.size
  var row = 0
  while row < rows {
    let gates = step.gates(V.self, row: row)
    activations.sigmoid.run(gates, gates, 2 &* hidden, 0, 0)
    activations.tanh.run(gates + (2 &* block), gates + (2 &* block), hidden, 0, 0)
    activations.sigmoid.run(gates + (3 &* block), gates + (3 &* block), hidden, 0, 0)
    row &+= 1
  }
}

/// c ← f c₀ + i g.
@usableFromInline
struct LSTMMemory<V: Vector>: StepBody {
  @usableFromInline let gates: Elements<V>
  @usableFromInline let width: Int
  @usableFromInline let cellBefore: Elements<V>
  @usableFromInline let cell: Elements<V>
  @usableFromInline let hidden: Int

  @inlinable @inline(__always)
  init(_ step: StepRows, _ hidden: Int) {
    gates = Elements(step.gates)
    width = step.width
    cellBefore = Elements(step.cellBefore)
    cell = Elements(step.cell)
    self.hidden = hidden
  }

  @inlinable @inline(__always)
  func apply<Count: LaneCount>(_ row: Int, _ column: Int, _ n: Count) {
    let (here, a) = (row &* hidden &+ column, row &* width &+ column)
    let input = gates[a, n] * gates[a &+ 2 &* hidden, n]
    cell[here, n] = gates[a &+ hidden, n].multiplied(by: cellBefore[here, n], adding: input)
  }
}

/// h ← o T for T = tanh c in the place of h.
@usableFromInline
struct LSTMOutput<V: Vector>: StepBody {
  @usableFromInline let gates: Elements<V>
  @usableFromInline let width: Int
  @usableFromInline let output: Elements<V>
  @usableFromInline let hidden: Int

  @inlinable @inline(__always)
  init(_ step: StepRows, _ hidden: Int) {
    gates = Elements(step.gates)
    width = step.width
    output = Elements(step.hidden)
    self.hidden = hidden
  }

  @inlinable @inline(__always)
  func apply<Count: LaneCount>(_ row: Int, _ column: Int, _ n: Count) {
    let (here, a) = (row &* hidden &+ column, row &* width &+ column)
    output[here, n] = gates[a &+ 3 &* hidden, n] * output[here, n]
  }
}

/// With h̄ = above + next and T = tanh c: c̄ += h̄ o (1 − T²); āᵢ = c̄ g i (1 − i), ā_f = c̄ c₀ f (1 − f), ā_g = c̄ i (1 − g²),
/// āₒ = h̄ T o (1 − o); c̄ ← c̄ f.
@inlinable @inline(__always)
func lstmBackward<V: Vector>(
  _: V.Type, _ activations: GateKernels.Activations, _ step: StepRows, _ cotangents: StepCotangents, _ rows: Int, _ hidden: Int
) {
  tangents(V.self, activations, step, cotangents, rows, hidden)
  forEachVector(LSTMBackward<V>(step, cotangents, hidden), rows, hidden)
}

/// T = tanh c, to where āₒ will be.
@inlinable @inline(__always)
func tangents<V: Vector>(
  _: V.Type, _ activations: GateKernels.Activations, _ step: StepRows, _ cotangents: StepCotangents, _ rows: Int, _ hidden: Int
) {
  let block = hidden &* MemoryLayout<V.Scalar>.size
  var row = 0
  while row < rows {
    activations.tanh.run(
      UnsafeRawPointer(step.cell) + (row &* block), cotangents.byGates + ((4 &* row &+ 3) &* block), hidden, 0, 0)
    row &+= 1
  }
}

/// The rest of the way back, with T in the place of āₒ.
@usableFromInline
struct LSTMBackward<V: Vector>: StepBody {
  @usableFromInline let gates: Elements<V>
  @usableFromInline let width: Int
  @usableFromInline let cellBefore: Elements<V>
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
    let c = (byOutput * o).multiplied(by: one - t * t, adding: byCell[here, n])
    byGates[b, n] = c * g * (i * (one - i))
    byGates[b &+ hidden, n] = c * cellBefore[here, n] * (f * (one - f))
    byGates[b &+ 2 &* hidden, n] = c * i * (one - g * g)
    byGates[b &+ 3 &* hidden, n] = byOutput * t * (o * (one - o))
    byCell[here, n] = c * f
  }
}
