/// What the steps of a segment left: as it was kept, or computed again.
struct SegmentStates {
  private let sequence: RecurrentSequence
  /// The states from before the first time to after the last, `[times + 1, batch, hidden]`.
  let hidden: NDArray
  let cells: NDArray?
  let gates: NDArray?

  init(
    _ sequence: RecurrentSequence, _ segment: Segment, _ x: NDArray, _ weights: StepWeights, _ packed: PackedMatrix?
  ) {
    self.sequence = sequence
    let (times, rule) = (segment.times, sequence.rule)
    let slots = times.lowerBound..<(times.upperBound + 1)
    guard rule.keepsGates && sequence.gates == nil else {
      hidden = sequence.hidden[slots]
      cells = sequence.cells.map { $0[slots] }
      gates = sequence.gates.map { $0[(times.lowerBound * sequence.batch)..<(times.upperBound * sequence.batch)] }
      return
    }
    let shape = Shape([times.count + 1, sequence.batch, sequence.size])
    let again = NDArray(uninitialized: shape, sequence.type)
    let edge = sequence.isReversed ? times.count : 0
    sequence.hidden.read { from in
      again.fill {
        ($0 + edge * sequence.stateBytes).copyMemory(
          from: from + (times.lowerBound + edge) * sequence.stateBytes, byteCount: sequence.stateBytes)
      }
    }
    let memories = rule.hasCell ? NDArray(uninitialized: shape, sequence.type) : nil
    hidden = again
    gates = NDArray(uninitialized: [times.count * sequence.batch, rule.width(sequence.size)], sequence.type)
    cells = memories
    if let memories { memories.fill { from in sequence.copyEdge(segment, to: from) } }
    let rows = rows(weights.extra)
    sequence.project(x, segment, weights, nil, rows.gates, ahead: segment)
    sequence.run(segment, rows, weights, packed, ahead: segment)
    withExtendedLifetime(weights.extra) {}
  }

  func rows(_ extra: NDArray?) -> SegmentRows {
    let states = hidden.fill { $0 }
    return SegmentRows(
      gates: gates.map { $0.fill { $0 } } ?? states, hidden: states, cells: cells.map { $0.fill { $0 } } ?? states,
      weights: extra.map { $0.read { $0 } } ?? UnsafeRawPointer(states))
  }

  /// The states that the steps begin from, in the order of time, `[time · batch, hidden]`.
  var hiddenBefore: NDArray { part(hidden, before: true) }
  var cellsBefore: NDArray? { cells.map { part($0, before: true) } }
  var cellsAfter: NDArray? { cells.map { part($0, before: false) } }

  private func part(_ states: NDArray, before: Bool) -> NDArray {
    let count = states.shape[0] - 1
    return (before == sequence.isReversed ? states[1...] : states[..<count]).reshaped([count * sequence.batch, sequence.size])
  }
}
