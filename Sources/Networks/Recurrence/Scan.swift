internal import UnrollArrays
internal import UnrollAutograd

/// A sequence on its way through one cell.
struct Scan: Sendable {
  /// The inputs of every step, `[time, batch, features]`.
  let input: Tensor
  /// For each step, whether it is part of the row's sequence, `[time, batch, 1]`; nil where all are.
  let mask: Mask?
  /// Whether time runs backwards.
  let isReversed: Bool
  /// Factors of the hidden state wherever the cell recurs to it, `[batch, hidden]`: one draw of dropout for all steps.
  let hiddenFactors: Tensor?
  /// What the cell draws for each step, `[time, batch, anything]` each; empty outside training.
  let noise: [Tensor]
  /// Whether the states after all steps are wanted, not only the outputs.
  let keepsStates: Bool
  /// Of how many steps at a time only the states stay for the way back; nil where everything stays.
  let segment: Int?
  /// What the norms of all that the way back hands to states are the derivative by; nil where nobody asks. See `Recurrent.normProbes`.
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

  /// The steps in the order in which the cell meets them.
  var order: [Int] {
    let count = input.shape[0]
    return isReversed ? Array((0..<count).reversed()) : Array(0..<count)
  }
}

/// What came of a sequence.
struct ScanResult<State: RecurrentState>: TensorGroup {
  /// The outputs of all steps, `[time, batch, hidden]`; 0 where a row does not take part.
  var outputs: Tensor
  /// The state after each row's last step.
  var last: State
  /// The states after all steps, each part `[time, batch, ...]`, 0 where a row does not take part; only where the scan asks for them.
  var states: State?

  mutating func visitTensors(_ visit: (inout Tensor) -> Void) {
    visit(&outputs)
    last.visitTensors(visit)
    states.visitTensors(visit)
  }
}
