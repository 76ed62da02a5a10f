public import UnrollArrays
public import UnrollAutograd

/// An LSTM with coupled gates: what the input gate admits, the cell forgets. With a = x·W + h·U + b in three blocks i, g, o,
/// and optional peepholes p:
///
/// ```text
/// i = σ(aᵢ + pᵢ c)        g = tanh(a_g)
/// c' = c + i (g − c)      o = σ(aₒ + pₒ c')    h' = o tanh(c')
/// ```
public struct CoupledLSTMCell: AffineCell, MemoryCell {
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

  public func checkParameters() {
    let check = ParameterCheck("CoupledLSTMCell", recurrentWeight: recurrentWeight, gates: 3)
    check("inputWeight", inputWeight, rows: "inputs", columns: 3 * hiddenSize)
    check("bias", bias, [3 * hiddenSize])
    check("peepholes", peepholes, [2, hiddenSize])
  }

  public mutating func visit(_ visitor: Visitor) {
    visitor("inputWeight", &inputWeight)
    visitor("recurrentWeight", &recurrentWeight)
    visitor("bias", &bias)
    visitor("peepholes", &peepholes)
  }

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
///     let lstm = CoupledLSTM(3, 4, peepholes: true, using: &generator)
public typealias CoupledLSTM = Recurrent<CoupledLSTMCell>

extension Recurrent where Cell == CoupledLSTMCell {
  /// A stack of layers with `hidden` features each.
  ///
  ///     let layer = CoupledLSTM(3, 4, layers: 2, using: &generator)
  public init(
    _ inputs: Int, _ hidden: Int, layers: Int = 1, bias: Bool = true, forgetBias: Double = 1, peepholes: Bool = false,
    bidirectional: Bool = false, merge: Merge = .concatenate, isTimeFirst: Bool = false,
    _ type: ElementType = .float32, using generator: inout Generator
  ) {
    self.init(
      inputs, layerSizes(hidden, layers), bidirectional: bidirectional, merge: merge, isTimeFirst: isTimeFirst
    ) { CoupledLSTMCell($0, $1, bias: bias, forgetBias: forgetBias, peepholes: peepholes, type, using: &generator) }
  }
}
