/// i, f, o ← σ, g ← tanh in place; c ← f c₀ + i g; h ← o tanh c. Gates are rows of 4·hidden elements i, f, g, o.
@inlinable @inline(__always)
func lstmForward<V: Vector>(_: V.Type, _ step: StepRows, _ rows: Int, _ hidden: Int) {
  let (gates, cellBefore) = (Elements<V>(step.gates), Elements<V>(step.cellBefore))
  let (cell, output) = (Elements<V>(step.cell), Elements<V>(step.hidden))
  forEachVector(V.self, rows, hidden) { row, column, n in
    let (here, a) = (row &* hidden &+ column, 4 &* row &* hidden &+ column)
    let i = Sigmoid.apply(gates[a, n])
    let f = Sigmoid.apply(gates[a &+ hidden, n])
    let g = HyperbolicTangent.apply(gates[a &+ 2 &* hidden, n])
    let o = Sigmoid.apply(gates[a &+ 3 &* hidden, n])
    let c = f.multiplied(by: cellBefore[here, n], adding: i * g)
    gates[a, n] = i
    gates[a &+ hidden, n] = f
    gates[a &+ 2 &* hidden, n] = g
    gates[a &+ 3 &* hidden, n] = o
    cell[here, n] = c
    output[here, n] = o * HyperbolicTangent.apply(c)
  }
}

/// With h̄ = above + next and T = tanh c: c̄ += h̄ o (1 − T²); āᵢ = c̄ g i (1 − i), ā_f = c̄ c₀ f (1 − f), ā_g = c̄ i (1 − g²),
/// āₒ = h̄ T o (1 − o); c̄ ← c̄ f.
@inlinable @inline(__always)
func lstmBackward<V: Vector>(_: V.Type, _ step: StepRows, _ cotangents: StepCotangents, _ rows: Int, _ hidden: Int) {
  let (gates, cellBefore, cell) = (Elements<V>(step.gates), Elements<V>(step.cellBefore), Elements<V>(step.cell))
  let (above, next) = (Elements<V>(cotangents.above), Elements<V>(cotangents.next))
  let (byCell, byGates) = (Elements<V>(cotangents.byCell), Elements<V>(cotangents.byGates))
  let one = V.number(1)
  forEachVector(V.self, rows, hidden) { row, column, n in
    let (here, a) = (row &* hidden &+ column, 4 &* row &* hidden &+ column)
    let (i, f) = (gates[a, n], gates[a &+ hidden, n])
    let (g, o) = (gates[a &+ 2 &* hidden, n], gates[a &+ 3 &* hidden, n])
    let t = HyperbolicTangent.apply(cell[here, n])
    let byOutput = above[here, n] + next[here, n]
    let c = (byOutput * o).multiplied(by: one - t * t, adding: byCell[here, n])
    byGates[a, n] = c * g * (i * (one - i))
    byGates[a &+ hidden, n] = c * cellBefore[here, n] * (f * (one - f))
    byGates[a &+ 2 &* hidden, n] = c * i * (one - g * g)
    byGates[a &+ 3 &* hidden, n] = byOutput * t * (o * (one - o))
    byCell[here, n] = c * f
  }
}
