public import UnrollArrays
public import UnrollAutograd

/// An LSTM with coupled gates: what the input gate admits, the cell forgets. With a = x·W + h·U + b in three blocks i, g, o,
/// and optional peepholes p:
///
/// ```text
/// i = σ(aᵢ + pᵢ c)        g = tanh(a_g)
/// c' = c + i (g − c)      o = σ(aₒ + pₒ c')    h' = o tanh(c')
/// ```
public struct CoupledLSTMCell: StandardCell, MemoryCell {
  package static let gateNames = ["i", "g", "o"]

  /// W, `[inputs, 3·hidden]`.
  public var inputWeight: Tensor
  /// U, `[hidden, 3·hidden]`.
  public var recurrentWeight: Tensor
  /// b, `[3·hidden]`, or nil.
  public var bias: Tensor?
  /// pᵢ and pₒ, `[2, hidden]`, or nil.
  public var peepholes: Tensor?
  /// The functions that stand for σ and tanh in the equations.
  public var activations: GateActivations

  /// A cell with the given weights.
  public init(
    inputWeight: Tensor, recurrentWeight: Tensor, bias: Tensor?, peepholes: Tensor? = nil,
    activations: GateActivations = GateActivations()
  ) {
    self.inputWeight = inputWeight
    self.recurrentWeight = recurrentWeight
    self.bias = bias
    self.peepholes = peepholes
    self.activations = activations
    checkParameters()
  }

  /// Glorot-uniform input weights, orthogonal recurrent weights, an input-gate bias of −`forgetBias`, and zeros for the other
  /// biases and the peepholes.
  public init(
    _ inputs: Int, _ hidden: Int, bias: Bool = true, forgetBias: Double = 1, peepholes: Bool = false,
    input: Initializer = .glorotUniform, recurrent: Initializer = .orthogonal(),
    _ type: ElementType = .float32, using generator: inout Generator
  ) {
    let weights = gateWeights(3, "CoupledLSTMCell", inputs, hidden, input, recurrent, type, &generator)
    let blocks = [-forgetBias, 0, 0].map { Tensor.full([hidden], $0, type) }
    self.init(
      inputWeight: weights.input, recurrentWeight: weights.recurrent, bias: bias ? Tensor.concatenate(blocks, axis: 0) : nil,
      peepholes: peepholes ? Tensor.zeros([2, hidden], type) : nil)
  }

  init(default inputs: Int, _ hidden: Int, bias: Bool, _ type: ElementType, _ generator: inout Generator) {
    self.init(inputs, hidden, bias: bias, forgetBias: 1, type, using: &generator)
  }

  func checkOthers(_ check: ParameterCheck) { check("peepholes", peepholes, [2, hiddenSize]) }

  mutating func visitOthers(_ visitor: Visitor) { visitor("peepholes", &peepholes) }

  public func step(
    _ projected: Tensor, _ recurred: Tensor, _ state: LSTMState, revising revise: (Tensor) -> Tensor
  ) -> LSTMState {
    let (a, c) = ((projected + recurred).chunks(3, axis: -1), state.cell)
    let i = activations.gate(peepholes.map { a[0] + $0[0] * c } ?? a[0])
    let cell = revise(c + i * (activations.candidate(a[1]) - c))
    let o = activations.gate(peepholes.map { a[2] + $0[1] * cell } ?? a[2])
    return LSTMState(hidden: o * activations.output(cell), cell: cell)
  }
}

/// LSTM layers with coupled input and forget gates, over sequences.
///
///     let lstm = CoupledLSTM(3, 4) { CoupledLSTMCell($0, $1, peepholes: true, using: &generator) }
public typealias CoupledLSTM = Recurrent<CoupledLSTMCell>
