public import UnrollArrays
public import UnrollAutograd

/// An LSTM whose gates also read the memory: with a = x·W + h·U + b in four blocks i, f, g, o,
///
/// ```text
/// i = σ(aᵢ + pᵢ c)   f = σ(a_f + p_f c)   g = tanh(a_g)
/// c' = f c + i g     o = σ(aₒ + pₒ c')    h' = o tanh(c')
/// ```
public struct PeepholeLSTMCell: StandardCell, MemoryCell {
  package static let gateNames = ["i", "f", "g", "o"]

  /// W, `[inputs, 4·hidden]`.
  public var inputWeight: Tensor
  /// U, `[hidden, 4·hidden]`.
  public var recurrentWeight: Tensor
  /// b, `[4·hidden]`, or nil.
  public var bias: Tensor?
  /// pᵢ, p_f and pₒ, `[3, hidden]`.
  public var peepholes: Tensor
  /// The functions that stand for σ and tanh in the equations.
  public var activations: GateActivations

  /// A cell with the given weights.
  public init(
    inputWeight: Tensor, recurrentWeight: Tensor, bias: Tensor?, peepholes: Tensor,
    activations: GateActivations = GateActivations()
  ) {
    self.inputWeight = inputWeight
    self.recurrentWeight = recurrentWeight
    self.bias = bias
    self.activations = activations
    self.peepholes = peepholes
    checkParameters()
  }

  /// Weights as `LSTMCell` draws them, and peepholes of 0.
  public init(
    _ inputs: Int, _ hidden: Int, bias: Bool = true, forgetBias: Double = 1, input: Initializer = .glorotUniform,
    recurrent: Initializer = .orthogonal(), _ type: ElementType = .float32,
    using generator: inout Generator
  ) {
    let plain = LSTMCell(
      inputs, hidden, bias: bias, forgetBias: forgetBias, input: input, recurrent: recurrent, type, using: &generator)
    self.init(
      inputWeight: plain.inputWeight, recurrentWeight: plain.recurrentWeight, bias: plain.bias,
      peepholes: Tensor.zeros([3, hidden], type))
  }

  init(default inputs: Int, _ hidden: Int, bias: Bool, _ type: ElementType, _ generator: inout Generator) {
    self.init(inputs, hidden, bias: bias, forgetBias: 1, type, using: &generator)
  }

  func checkOthers(_ check: ParameterCheck) { check("peepholes", peepholes, [3, hiddenSize]) }

  mutating func visitOthers(_ visitor: Visitor) { visitor("peepholes", &peepholes) }

  public func step(
    _ projected: Tensor, _ recurred: Tensor, _ state: LSTMState, revising revise: (Tensor) -> Tensor
  ) -> LSTMState {
    let (a, c, gate) = ((projected + recurred).chunks(4, axis: -1), state.cell, activations.gate)
    let (i, f) = (gate(a[0] + peepholes[0] * c), gate(a[1] + peepholes[1] * c))
    let cell = revise(f * c + i * activations.candidate(a[2]))
    let o = gate(a[3] + peepholes[2] * cell)
    return LSTMState(hidden: o * activations.output(cell), cell: cell)
  }
}

/// LSTM layers with peepholes, over sequences.
public typealias PeepholeLSTM = Recurrent<PeepholeLSTMCell>
