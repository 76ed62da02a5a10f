internal import UnrollKernelTemplates

/// A sequence's way through one cell, computed at once: one product for the inputs of many steps, packed recurrent weights, and the
/// elementwise part of a step in one pass.
///
/// Rows of the batch never meet, so that threads share them out once and not at every step. The steps are taken in segments: what a
/// segment needs beside its states either stays for the way back, or is computed again there from the states at the segment's edge.
package struct RecurrentSequence: Sendable {
  let rule: StepRule
  let isReversed: Bool
  let segmentLength: Int
  /// Rows that take part in each step; nil where all do.
  let active: ActiveRows?
  /// What stays as it was at each step; nil where nothing does.
  let zones: Zones?
  /// The state before each step and the one after the last, in the order of time, `[time + 1, batch, hidden]`.
  let hidden: NDArray
  /// The memory likewise, or only that before each segment in the order in which they run, and after the last.
  let cells: NDArray?
  /// Rows of gates after the steps, `[time · batch, width]`, where they are kept.
  let gates: NDArray?

  /// How much stays for the way back.
  package enum Keeping: Sendable {
    /// All gates and memories.
    case everything
    /// The memories, nothing else.
    case cells
    /// The memory at the edges of segments of so many steps; the rest is computed again.
    case edges(every: Int)
  }

  var stepCount: Int { hidden.shape[0] - 1 }
  var batch: Int { hidden.shape[1] }
  var size: Int { hidden.shape[2] }
  var type: ElementType { hidden.type }
  /// Bytes of one step's states, and of one step's gates.
  var stateBytes: Int { batch * size * type.size }
  var gateBytes: Int { batch * rule.width(size) * type.size }
  var keepsAllCells: Bool { cells.map { $0.shape[0] == stepCount + 1 } ?? false }

  /// Runs a contiguous x `[time, batch, inputs]` from a state of `[batch, hidden]`.
  package init(
    _ rule: StepRule, _ x: NDArray, _ weights: StepWeights, hidden h: NDArray, cell c: NDArray?, isReversed: Bool,
    active: ActiveRows?, zones: Zones? = nil, keeping: Keeping
  ) {
    let (steps, batch, size) = (x.shape[0], x.shape[1], h.shape[1])
    self.rule = rule
    self.isReversed = isReversed
    self.active = active
    self.zones = zones
    var slots = steps + 1
    switch keeping {
    case .everything:
      segmentLength = Self.segmentLength(steps, batch)
      gates = rule.keepsGates ? NDArray(uninitialized: [steps * batch, rule.width(size)], x.type) : nil
    case .cells:
      segmentLength = Self.stepsAtOnce(steps, batch)
      gates = nil
    case .edges(let length):
      segmentLength = min(length, steps)
      gates = nil
      slots = (steps - 1) / segmentLength + 2
    }
    hidden = NDArray(uninitialized: [steps + 1, batch, size], x.type)
    cells = rule.hasCell ? NDArray(uninitialized: [slots, batch, size], x.type) : nil
    put(h, into: hidden, at: isReversed ? steps : 0)
    if let c, let cells { put(c, into: cells, at: isReversed && keepsAllCells ? steps : 0) }
    run(x, weights)
  }

  /// A sequence that has run already, from what `residuals` gave.
  package init(
    _ rule: StepRule, residuals: [NDArray], isReversed: Bool, active: ActiveRows?, zones: Zones? = nil, segmentLength: Int
  ) {
    self.rule = rule
    self.isReversed = isReversed
    self.active = active
    self.zones = zones
    self.segmentLength = segmentLength
    hidden = residuals[0]
    cells = rule.hasCell ? residuals[1] : nil
    gates = residuals.count > (rule.hasCell ? 2 : 1) ? residuals[residuals.count - 1] : nil
  }

  /// What the way back needs.
  package var residuals: [NDArray] { [hidden] + (cells.map { [$0] } ?? []) + (gates.map { [$0] } ?? []) }

  /// Steps whose gates still lie in a cache when they are met again.
  package static func segmentLength(_ steps: Int, _ batch: Int) -> Int { min(steps, max(1, 1024 / batch)) }

  /// Steps whose inputs are multiplied at once: few, so that the gates lie in the second-level cache when their step comes.
  package static func stepsAtOnce(_ steps: Int, _ batch: Int) -> Int { min(steps, max(1, 256 / batch)) }

  /// The same where gates are kept: a whole segment if they are too wide for that cache.
  var partLength: Int {
    256 * gateBytes <= (3 << 19) * batch ? Self.stepsAtOnce(stepCount, batch) : Self.segmentLength(stepCount, batch)
  }

  private func put(_ state: NDArray, into states: NDArray, at slot: Int) {
    let state = state.contiguous()
    state.read { from in states.fill { $0.advanced(by: slot * stateBytes).copyMemory(from: from, byteCount: stateBytes) } }
  }
}

// MARK: - Results

extension RecurrentSequence {
  /// The states after all steps, `[time, batch, hidden]`.
  private func afterSteps(_ states: NDArray) -> NDArray { isReversed ? states[..<stepCount] : states[1...] }

  /// The outputs of all steps; 0 where a row does not take part.
  package var outputs: NDArray { withoutIdleRows(afterSteps(hidden)) }

  /// The memory after all steps, where all of it is kept; 0 where a row does not take part.
  package var allCells: NDArray? { keepsAllCells ? cells.map { withoutIdleRows(afterSteps($0)) } : nil }

  /// The output after the last step of each row, `[batch, hidden]`.
  package var lastHidden: NDArray { copy(hidden, isReversed ? 0 : stepCount) }

  /// The memory after the last step of each row.
  package var lastCell: NDArray? { cells.map { copy($0, isReversed && keepsAllCells ? 0 : $0.shape[0] - 1) } }

  /// A copy: a state that is carried on must not hold a whole sequence.
  private func copy(_ states: NDArray, _ slot: Int) -> NDArray {
    let copy = NDArray(uninitialized: [batch, size], type)
    states.read { from in copy.fill { $0.copyMemory(from: from + slot * stateBytes, byteCount: stateBytes) } }
    return copy
  }

  private func withoutIdleRows(_ states: NDArray) -> NDArray {
    guard let active else { return states }
    let result = NDArray(uninitialized: states.shape, type)
    let row = size * type.size
    states.read { from in
      result.fill { to in
        for t in 0..<stepCount {
          let (from, to) = (from + t * stateBytes, to + t * stateBytes)
          active.forEachRun(at: t, in: 0..<batch) { run in
            (to + run.lowerBound * row).copyMemory(from: from + run.lowerBound * row, byteCount: run.count * row)
          } idle: { run in
            _ = (to + run.lowerBound * row).initializeMemory(as: UInt8.self, repeating: 0, count: run.count * row)
          }
        }
      }
    }
    return result
  }
}
