package import UnrollArrays
package import UnrollAutograd

/// An operation that runs a cell over a whole sequence, for those who write it down for other systems.
package protocol SequenceOperation: Operation {
  /// What it does.
  var sequenceForm: SequenceForm { get }
}

/// What a cell over a whole sequence does. Inputs of the operation are x `[time, batch, features]`, the parts of the state, and
/// what is prepared for all steps. Its results are the outputs, the parts of the last state and, if `keepsStates`, the other parts of
/// the state at all steps.
package struct SequenceForm: Sendable {
  package let cell: any RecurrentCell
  package let isReversed: Bool
  /// The steps that take part, `[time, batch, 1]`; nil for all.
  package let mask: Mask?
  package let hasDraws: Bool
  package let keepsStates: Bool
  /// The number of parts of the state.
  package let partCount: Int
  /// The number of inputs that all steps share.
  package let preparedCount: Int
  /// The next state of one step, from what is prepared, and from x `[batch, features]` followed by the parts of the state.
  package let step: @Sendable (_ prepared: [Tensor], _ given: [Tensor]) -> [Tensor]
}

extension ProgramScan: SequenceOperation {
  var sequenceForm: SequenceForm {
    SequenceForm(
      cell: cell, isReversed: isReversed, mask: mask, hasDraws: !draws.isEmpty, keepsStates: keepsStates,
      partCount: step.program.stateWidths.count, preparedCount: step.matrices.count + step.rows.count,
      step: { [step] in step.step($0, $1) })
  }
}
