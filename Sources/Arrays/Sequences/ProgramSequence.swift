internal import UnrollKernelTemplates

/// A sequence run through a step program: one product for the inputs of many steps, packed weights for the products of a step,
/// and the step's instructions over blocks of rows.
///
/// Rows of the batch are independent, so threads share them once and not at every step. The steps are divided into segments:
/// values that backward needs besides the states are either kept, or recomputed from the states at the segment's edge.
package struct ProgramSequence: Sendable {
  let program: StepProgram
  let isReversed: Bool
  let segmentLength: Int
  /// Rows that take part in each step; nil where all do.
  let active: ActiveRows?
  /// The draws: `[time, batch, width]` each, or `[1, batch, width]` where all steps share one.
  let draws: [NDArray]
  /// Every part of the state before each step and after the last, in the order of time, `[time + 1, batch, width]`. Parts other
  /// than the output may have only the states before each segment, in the order in which the segments run, and after the last.
  let states: [NDArray]
  /// The records of all steps, `[time · batch, width]`; nil where they are not kept.
  let records: NDArray?

  /// How much is kept for the backward pass.
  package enum Keeping: Sendable {
    /// All records and states.
    case everything
    /// The states only.
    case states
    /// The states at the edges of segments of so many steps, and all outputs; the rest is recomputed.
    case edges(every: Int)
  }

  /// The matrices and parameter rows that a program needs.
  package struct Weights: Sendable {
    let matrices: [NDArray]
    /// All parameters, constants and numbers, laid out as the program expects, followed by the initial value of every gate
    /// column, if any has a bias.
    let parameters: NDArray
    private let biasOffset: Int?

    package init(_ program: StepProgram, matrices: [NDArray], parameters: [NDArray]) {
      self.matrices = matrices
      let size = program.type.size
      biasOffset = program.biases.isEmpty ? nil : program.parameterCount
      self.parameters = NDArray(
        uninitialized: [program.parameterCount + (program.biases.isEmpty ? 0 : program.gateWidth)], program.type)
      self.parameters.fill { all in
        func copy(_ row: NDArray, to offset: Int) {
          row.read { (all + offset * size).copyMemory(from: $0, byteCount: row.count * size) }
        }
        for (row, offset) in zip(parameters, program.parameterOffsets) { copy(row.contiguous(), to: offset) }
        copy(program.fixed, to: program.parameterCount - program.fixed.count)
        if program.biases.isEmpty { return }
        let biases = all + program.parameterCount * size
        _ = biases.initializeMemory(as: UInt8.self, repeating: 0, count: program.gateWidth * size)
        for bias in program.biases {
          (biases + bias.start * size).copyMemory(
            from: all + (program.parameterOffsets[bias.parameter] + bias.columns.lowerBound) * size,
            byteCount: bias.columns.count * size)
        }
      }
    }

    /// The initial values of the gate columns; nil where they are all zero.
    func readBiases(_ body: (UnsafeRawPointer?) -> Void) {
      parameters.read { all in body(biasOffset.map { all + $0 * parameters.type.size }) }
    }
  }

  var stepCount: Int { states[0].shape[0] - 1 }
  var batch: Int { states[0].shape[1] }
  var type: ElementType { program.type }
  var partCount: Int { states.count }
  /// The bytes of one step's rows of a part of the state, and of one step's records.
  func stateBytes(_ part: Int) -> Int { batch * program.stateWidths[part] * type.size }
  var recordBytes: Int { batch * program.recordWidth * type.size }
  var keepsAllStates: Bool { states.allSatisfy { $0.shape[0] == stepCount + 1 } }

  /// Runs x `[time, batch, inputs]` from a state of `[batch, width]` each.
  package init(
    _ program: StepProgram, _ x: SequenceRows, _ weights: Weights, from state: [NDArray], isReversed: Bool, active: ActiveRows?,
    draws: [NDArray], keeping: Keeping
  ) {
    let (steps, batch) = (x.steps, x.batch)
    self.program = program
    self.isReversed = isReversed
    self.active = active
    self.draws = draws.map { $0.contiguous() }
    var slots = steps + 1
    switch keeping {
    case .everything:
      segmentLength = Self.segmentLength(steps, batch)
      records = program.keepsRecords ? NDArray(uninitialized: [steps * batch, program.recordWidth], x.type) : nil
    case .states:
      segmentLength = Self.stepsAtOnce(steps, batch)
      records = nil
    case .edges(let length):
      segmentLength = min(length, steps)
      records = nil
      slots = (steps - 1) / segmentLength + 2
    }
    states = program.stateWidths.enumerated().map { part, width in
      NDArray(uninitialized: [part == 0 ? steps + 1 : slots, batch, width], x.type)
    }
    for (part, given) in state.enumerated() {
      put(given, into: states[part], at: isReversed && (part == 0 || keepsAllStates) ? steps : 0, bytes: stateBytes(part))
    }
    run(x, weights)
  }

  /// Restores a sequence that has run already, from its `residuals`.
  package init(
    _ program: StepProgram, residuals: [NDArray], isReversed: Bool, active: ActiveRows?, draws: [NDArray], segmentLength: Int
  ) {
    self.program = program
    self.isReversed = isReversed
    self.active = active
    self.draws = draws.map { $0.contiguous() }
    self.segmentLength = segmentLength
    states = Array(residuals[..<program.stateWidths.count])
    records = residuals.count > program.stateWidths.count ? residuals[residuals.count - 1] : nil
  }

  /// The arrays that the backward pass needs.
  package var residuals: [NDArray] { states + (records.map { [$0] } ?? []) }

  /// The number of steps whose records are still in a cache when backward reads them.
  package static func segmentLength(_ steps: Int, _ batch: Int) -> Int { min(steps, max(1, 1024 / batch)) }

  /// The number of steps whose inputs are multiplied at once: few, so that the records are still in the second-level cache at
  /// their step.
  package static func stepsAtOnce(_ steps: Int, _ batch: Int) -> Int { min(steps, max(1, 256 / batch)) }

  /// The same where records are kept: a whole segment if the records are too wide for that cache.
  var partLength: Int {
    256 * recordBytes <= (3 << 19) * batch ? Self.stepsAtOnce(stepCount, batch) : Self.segmentLength(stepCount, batch)
  }

  private func put(_ state: NDArray, into states: NDArray, at slot: Int, bytes: Int) {
    let state = state.contiguous()
    state.read { from in states.fill { $0.advanced(by: slot * bytes).copyMemory(from: from, byteCount: bytes) } }
  }
}

// MARK: - Results

extension ProgramSequence {
  /// A part of the state after all steps, `[time, batch, width]`.
  private func afterSteps(_ states: NDArray) -> NDArray { isReversed ? states[..<stepCount] : states[1...] }

  /// The outputs of all steps; 0 where a row does not take part.
  package var outputs: NDArray { withoutIdleRows(afterSteps(states[0])) }

  /// A part of the state after all steps, where all of it is kept; 0 where a row does not take part.
  package func all(_ part: Int) -> NDArray { withoutIdleRows(afterSteps(states[part])) }

  /// A part of the state after the last step of each row, `[batch, width]`. A copy, so that a state that is carried on does not
  /// retain a whole sequence.
  package func last(_ part: Int) -> NDArray {
    let states = states[part]
    let slot = isReversed && states.shape[0] == stepCount + 1 && (part == 0 || keepsAllStates) ? 0 : states.shape[0] - 1
    let (copy, bytes) = (NDArray(uninitialized: [batch, states.shape[2]], type), stateBytes(part))
    states.read { from in copy.fill { $0.copyMemory(from: from + slot * bytes, byteCount: bytes) } }
    return copy
  }

  private func withoutIdleRows(_ states: NDArray) -> NDArray {
    guard let active else { return states }
    let result = NDArray(uninitialized: states.shape, type)
    let row = states.shape[2] * type.size
    states.read { from in
      result.fill { to in
        for t in 0..<stepCount {
          let (from, to) = (from + t * batch * row, to + t * batch * row)
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

/// A range of steps.
struct Segment {
  /// The position of this segment in the order in which segments run.
  let index: Int
  let times: Range<Int>
}
