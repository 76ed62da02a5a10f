/// r, z ← σ, n ← tanh(aₙ + r u) in place; h ← n + z (h₀ − n). A row of gates begins with 4·hidden elements u, r, z, n: u is what
/// the hidden state contributes to the candidate, n what the input does.
@inlinable @inline(__always)
func gruForward<V: Vector>(
  _: V.Type, _ activations: GateKernels.Activations, _ step: StepRows, _ rows: Int, _ hidden: Int
) {
  let block = hidden &* MemoryLayout<V.Scalar>.size
  var row = 0
  while row < rows {
    let gates = step.gates(V.self, row: row) + block
    activations.sigmoid.run(gates, gates, 2 &* hidden, 0, 0)
    row &+= 1
  }
  forEachVector(GRUCandidate<V>(step, hidden), rows, hidden)
  row = 0
  while row < rows {
    let candidate = step.gates(V.self, row: row) + 3 &* block
    activations.tanh.run(candidate, candidate, hidden, 0, 0)
    row &+= 1
  }
  forEachVector(GRUOutput<V>(step, hidden), rows, hidden)
}

/// aₙ += r u.
@usableFromInline
struct GRUCandidate<V: Vector>: StepBody {
  @usableFromInline let gates: Elements<V>
  @usableFromInline let width: Int
  @usableFromInline let hidden: Int

  @inlinable @inline(__always)
  init(_ step: StepRows, _ hidden: Int) {
    gates = Elements(step.gates)
    width = step.width
    self.hidden = hidden
  }

  @inlinable @inline(__always)
  func apply<Count: LaneCount>(_ row: Int, _ column: Int, _ n: Count) {
    let a = row &* width &+ column
    let candidate = a &+ 3 &* hidden
    gates[candidate, n] = gates[a &+ hidden, n].multiplied(by: gates[a, n], adding: gates[candidate, n])
  }
}

/// h ← n + z (h₀ − n).
@usableFromInline
struct GRUOutput<V: Vector>: StepBody {
  @usableFromInline let gates: Elements<V>
  @usableFromInline let width: Int
  @usableFromInline let before: Elements<V>
  @usableFromInline let output: Elements<V>
  @usableFromInline let hidden: Int

  @inlinable @inline(__always)
  init(_ step: StepRows, _ hidden: Int) {
    gates = Elements(step.gates)
    width = step.width
    before = Elements(step.hiddenBefore)
    output = Elements(step.hidden)
    self.hidden = hidden
  }

  @inlinable @inline(__always)
  func apply<Count: LaneCount>(_ row: Int, _ column: Int, _ n: Count) {
    let (here, a) = (row &* hidden &+ column, row &* width &+ column)
    let candidate = gates[a &+ 3 &* hidden, n]
    output[here, n] = gates[a &+ 2 &* hidden, n].multiplied(by: before[here, n] - candidate, adding: candidate)
  }
}

/// With h̄ = above + next: āₙ = h̄ (1 − z) (1 − n²), ā_z = h̄ (h₀ − n) z (1 − z), āᵣ = āₙ u r (1 − r), ū = āₙ r; next ← h̄ z.
@usableFromInline
struct GRUBackward<V: Vector>: StepBody {
  @usableFromInline let gates: Elements<V>
  @usableFromInline let width: Int
  @usableFromInline let before: Elements<V>
  @usableFromInline let above: Elements<V>
  @usableFromInline let next: Elements<V>
  @usableFromInline let byGates: Elements<V>
  @usableFromInline let hidden: Int

  @inlinable @inline(__always)
  init(_ step: StepRows, _ cotangents: StepCotangents, _ hidden: Int) {
    gates = Elements(step.gates)
    width = step.width
    before = Elements(step.hiddenBefore)
    above = Elements(cotangents.above)
    next = Elements(cotangents.next)
    byGates = Elements(cotangents.byGates)
    self.hidden = hidden
  }

  @inlinable @inline(__always)
  func prefetch(_ row: Int) {
    gates.prefetch(row &* width, count: 4 &* hidden)
    before.prefetch(row &* hidden, count: hidden)
    above.prefetch(row &* hidden, count: hidden)
    byGates.prefetch(4 &* row &* hidden, count: 4 &* hidden)
  }

  @inlinable @inline(__always)
  func apply<Count: LaneCount>(_ row: Int, _ column: Int, _ n: Count) {
    let (here, a, b) = (row &* hidden &+ column, row &* width &+ column, 4 &* row &* hidden &+ column)
    let one = V.number(1)
    let (u, r) = (gates[a, n], gates[a &+ hidden, n])
    let (z, candidate) = (gates[a &+ 2 &* hidden, n], gates[a &+ 3 &* hidden, n])
    let byOutput = above[here, n] + next[here, n]
    let byCandidate = byOutput * (one - z) * (one - candidate * candidate)
    byGates[b, n] = byCandidate * r
    byGates[b &+ hidden, n] = byCandidate * u * (r * (one - r))
    byGates[b &+ 2 &* hidden, n] = byOutput * (before[here, n] - candidate) * (z * (one - z))
    byGates[b &+ 3 &* hidden, n] = byCandidate
    next[here, n] = byOutput * z
  }
}
