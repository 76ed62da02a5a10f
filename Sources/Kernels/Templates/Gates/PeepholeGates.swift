/// As `lstmForward`, with p c added to the gates before activation: i and f see the memory before, o the one after.
/// The weights are pᵢ, p_f, pₒ, one row of `hidden` elements each.
@inlinable @inline(__always)
func peepholeForward<V: Vector>(_: V.Type, _ step: StepRows, _ rows: Int, _ hidden: Int) {
  let (gates, cellBefore, p) = (Elements<V>(step.gates), Elements<V>(step.cellBefore), Elements<V>(step.weights))
  let (cell, output) = (Elements<V>(step.cell), Elements<V>(step.hidden))
  forEachVector(V.self, rows, hidden) { row, column, n in
    let (here, a) = (row &* hidden &+ column, 4 &* row &* hidden &+ column)
    let before = cellBefore[here, n]
    let i = Sigmoid.apply(before.multiplied(by: p[column, n], adding: gates[a, n]))
    let f = Sigmoid.apply(before.multiplied(by: p[hidden &+ column, n], adding: gates[a &+ hidden, n]))
    let g = HyperbolicTangent.apply(gates[a &+ 2 &* hidden, n])
    let c = f.multiplied(by: before, adding: i * g)
    let o = Sigmoid.apply(c.multiplied(by: p[2 &* hidden &+ column, n], adding: gates[a &+ 3 &* hidden, n]))
    gates[a, n] = i
    gates[a &+ hidden, n] = f
    gates[a &+ 2 &* hidden, n] = g
    gates[a &+ 3 &* hidden, n] = o
    cell[here, n] = c
    output[here, n] = o * HyperbolicTangent.apply(c)
  }
}

/// As `lstmBackward`; what the gates see of the memory comes back: c̄ += pₒ āₒ before, and c̄ ← c̄ f + pᵢ āᵢ + p_f ā_f after.
@inlinable @inline(__always)
func peepholeBackward<V: Vector>(_: V.Type, _ step: StepRows, _ cotangents: StepCotangents, _ rows: Int, _ hidden: Int) {
  let (gates, cellBefore, cell) = (Elements<V>(step.gates), Elements<V>(step.cellBefore), Elements<V>(step.cell))
  let (above, next, p) = (Elements<V>(cotangents.above), Elements<V>(cotangents.next), Elements<V>(step.weights))
  let (byCell, byGates) = (Elements<V>(cotangents.byCell), Elements<V>(cotangents.byGates))
  let one = V.number(1)
  forEachVector(V.self, rows, hidden) { row, column, n in
    let (here, a) = (row &* hidden &+ column, 4 &* row &* hidden &+ column)
    let (i, f) = (gates[a, n], gates[a &+ hidden, n])
    let (g, o) = (gates[a &+ 2 &* hidden, n], gates[a &+ 3 &* hidden, n])
    let t = HyperbolicTangent.apply(cell[here, n])
    let byOutput = above[here, n] + next[here, n]
    let byO = byOutput * t * (o * (one - o))
    let c = byO.multiplied(
      by: p[2 &* hidden &+ column, n], adding: (byOutput * o).multiplied(by: one - t * t, adding: byCell[here, n]))
    let byI = c * g * (i * (one - i))
    let byF = c * cellBefore[here, n] * (f * (one - f))
    byGates[a, n] = byI
    byGates[a &+ hidden, n] = byF
    byGates[a &+ 2 &* hidden, n] = c * i * (one - g * g)
    byGates[a &+ 3 &* hidden, n] = byO
    byCell[here, n] = byI.multiplied(by: p[column, n], adding: byF.multiplied(by: p[hidden &+ column, n], adding: c * f))
  }
}
