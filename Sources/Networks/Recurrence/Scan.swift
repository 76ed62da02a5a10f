internal import UnrollArrays
internal import UnrollAutograd

/// A sequence to run through one cell, with its options.
struct Scan: Sendable {
  /// The inputs of every step, `[time, batch, features]`.
  let input: Tensor
  /// Whether each step is part of the row's sequence, `[time, batch, 1]`; nil if all are.
  let mask: Mask?
  /// Whether time runs backward.
  let isReversed: Bool
  /// The factors of the hidden state before the recurrent product, `[batch, hidden]`: one draw of dropout for all steps.
  let hiddenFactors: Tensor?
  /// The cell's random draws for each step, `[time, batch, anything]` each; empty outside training.
  let noise: [Tensor]
  /// Whether the states after all steps are wanted, in addition to the outputs.
  let keepsStates: Bool
  /// The number of steps between checkpoints, which keep only states for backward; nil keeps everything.
  let segment: Int?
  /// The probe whose cotangent returns the norms of the states' cotangents; nil if they are not needed. See
  /// `Recurrent.normProbes`.
  let norms: Tensor?

  init(
    input: Tensor, mask: Mask?, isReversed: Bool, hiddenFactors: Tensor? = nil, noise: [Tensor] = [], keepsStates: Bool = false,
    segment: Int? = nil, norms: Tensor? = nil
  ) {
    self.input = input
    self.mask = mask
    self.isReversed = isReversed
    self.hiddenFactors = hiddenFactors
    self.noise = noise
    self.keepsStates = keepsStates
    self.segment = segment
    self.norms = norms
  }

  /// The steps in the order in which the cell runs them.
  var order: [Int] {
    let count = input.shape[0]
    return isReversed ? Array((0..<count).reversed()) : Array(0..<count)
  }
}

/// The results of a sequence.
struct ScanResult<State: RecurrentState>: TensorGroup {
  /// The outputs of all steps, `[time, batch, hidden]`; 0 where a row does not take part.
  var outputs: Tensor
  /// The state after each row's last step.
  var last: State
  /// The states after all steps, each part `[time, batch, ...]` and 0 where a row does not take part; nil unless the scan asks
  /// for them.
  var states: State?

  mutating func visitTensors(_ visit: (inout Tensor) -> Void) {
    visit(&outputs)
    last.visitTensors(visit)
    states.visitTensors(visit)
  }
}
