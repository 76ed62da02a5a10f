public import UnrollArrays
public import UnrollAutograd

/// A sequence on its way through one cell.
public struct Scan: Sendable {
  /// The inputs of every step, `[time, batch, features]`.
  public let input: Tensor
  /// For each step, whether it is part of the row's sequence, `[time, batch, 1]`; nil where all are.
  public let mask: Mask?
  /// Whether time runs backwards.
  public let isReversed: Bool
  /// Factors of the hidden state wherever the cell recurs to it, `[batch, hidden]`: one draw of dropout for all steps.
  public let hiddenFactors: Tensor?
  /// What the cell draws for each step, `[time, batch, anything]` each; empty outside training.
  public let noise: [Tensor]
  /// Whether the states after all steps are wanted, not only the outputs.
  public let keepsStates: Bool
  /// Of how many steps at a time only the states stay for the way back; nil where everything stays.
  public let segment: Int?
  /// How probably the numbers of each part of the state stay as they were; empty where none do. Then the noise says which do, if any.
  let zoneoutRates: [Double]
  /// What the norms of all that the way back hands to states are the derivative by; nil where nobody asks. See `Recurrent.normProbes`.
  let norms: Tensor?

  init(
    input: Tensor, mask: Mask?, isReversed: Bool, hiddenFactors: Tensor? = nil, noise: [Tensor] = [], keepsStates: Bool = false,
    segment: Int? = nil, zoneoutRates: [Double] = [], norms: Tensor? = nil
  ) {
    self.input = input
    self.mask = mask
    self.isReversed = isReversed
    self.hiddenFactors = hiddenFactors
    self.noise = noise
    self.keepsStates = keepsStates
    self.segment = segment
    self.zoneoutRates = zoneoutRates
    self.norms = norms
  }

  /// The same of a cell parts of whose state stay as they were.
  func zoning(_ rates: [Double]) -> Scan {
    Scan(
      input: input, mask: mask, isReversed: isReversed, hiddenFactors: hiddenFactors, noise: noise, keepsStates: keepsStates,
      segment: segment, zoneoutRates: rates, norms: norms)
  }

  /// The steps in the order in which the cell meets them.
  var order: [Int] {
    let count = input.shape[0]
    return isReversed ? Array((0..<count).reversed()) : Array(0..<count)
  }
}

/// What came of a sequence.
public struct ScanResult<State: RecurrentState>: TensorGroup {
  /// The outputs of all steps, `[time, batch, hidden]`; 0 where a row does not take part.
  public var outputs: Tensor
  /// The state after each row's last step.
  public var last: State
  /// The states after all steps, each part `[time, batch, ...]`, 0 where a row does not take part; only where the scan asks for them.
  public var states: State?

  public mutating func visitTensors(_ visit: (inout Tensor) -> Void) {
    visit(&outputs)
    last.visitTensors(visit)
    states.visitTensors(visit)
  }
}
