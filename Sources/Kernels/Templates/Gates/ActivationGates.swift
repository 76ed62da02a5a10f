/// h ← f(a). Gates are rows of `hidden` elements.
@inlinable @inline(__always)
func activationForward<V: Vector, F: UnaryFunction>(_: V.Type, _: F.Type, _ step: StepRows, _ rows: Int, _ hidden: Int) {
  let (gates, output) = (Elements<V>(step.gates), Elements<V>(step.hidden))
  forEachVector(V.self, 1, rows &* hidden) { _, here, n in output[here, n] = F.apply(gates[here, n]) }
}

/// ā = (above + next) f′, for a derivative that the function's value tells.
@inlinable @inline(__always)
func activationBackward<V: Vector>(
  _: V.Type, _ step: StepRows, _ cotangents: StepCotangents, _ rows: Int, _ hidden: Int, _ derivative: (_ value: V) -> V
) {
  let (output, byGates) = (Elements<V>(step.hidden), Elements<V>(cotangents.byGates))
  let (above, next) = (Elements<V>(cotangents.above), Elements<V>(cotangents.next))
  forEachVector(V.self, 1, rows &* hidden) { _, here, n in
    byGates[here, n] = (above[here, n] + next[here, n]) * derivative(output[here, n])
  }
}
