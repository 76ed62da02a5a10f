/// r, z ← σ, n ← tanh(aₙ + r u) in place; h ← n + z (h₀ − n). Gates are rows of 4·hidden elements u, r, z, n: u is what the hidden
/// state contributes to the candidate, n what the input does.
@inlinable @inline(__always)
func gruForward<V: Vector>(_: V.Type, _ step: StepRows, _ rows: Int, _ hidden: Int) {
  let (gates, before, output) = (Elements<V>(step.gates), Elements<V>(step.hiddenBefore), Elements<V>(step.hidden))
  forEachVector(V.self, rows, hidden) { row, column, n in
    let (here, a) = (row &* hidden &+ column, 4 &* row &* hidden &+ column)
    let r = Sigmoid.apply(gates[a &+ hidden, n])
    let z = Sigmoid.apply(gates[a &+ 2 &* hidden, n])
    let candidate = HyperbolicTangent.apply(r.multiplied(by: gates[a, n], adding: gates[a &+ 3 &* hidden, n]))
    gates[a &+ hidden, n] = r
    gates[a &+ 2 &* hidden, n] = z
    gates[a &+ 3 &* hidden, n] = candidate
    output[here, n] = z.multiplied(by: before[here, n] - candidate, adding: candidate)
  }
}

/// With h̄ = above + next: āₙ = h̄ (1 − z) (1 − n²), ā_z = h̄ (h₀ − n) z (1 − z), āᵣ = āₙ u r (1 − r), ū = āₙ r; next ← h̄ z.
@inlinable @inline(__always)
func gruBackward<V: Vector>(_: V.Type, _ step: StepRows, _ cotangents: StepCotangents, _ rows: Int, _ hidden: Int) {
  let (gates, before) = (Elements<V>(step.gates), Elements<V>(step.hiddenBefore))
  let (above, next, byGates) = (Elements<V>(cotangents.above), Elements<V>(cotangents.next), Elements<V>(cotangents.byGates))
  let one = V.number(1)
  forEachVector(V.self, rows, hidden) { row, column, n in
    let (here, a) = (row &* hidden &+ column, 4 &* row &* hidden &+ column)
    let (u, r) = (gates[a, n], gates[a &+ hidden, n])
    let (z, candidate) = (gates[a &+ 2 &* hidden, n], gates[a &+ 3 &* hidden, n])
    let byOutput = above[here, n] + next[here, n]
    let byCandidate = byOutput * (one - z) * (one - candidate * candidate)
    byGates[a, n] = byCandidate * r
    byGates[a &+ hidden, n] = byCandidate * u * (r * (one - r))
    byGates[a &+ 2 &* hidden, n] = byOutput * (before[here, n] - candidate) * (z * (one - z))
    byGates[a &+ 3 &* hidden, n] = byCandidate
    next[here, n] = byOutput * z
  }
}
