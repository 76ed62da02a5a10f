public import UnrollArrays
public import UnrollAutograd

/// An LSTM that normalises each gate separately: with x·W + h·U in four blocks i, f, g, o, and a = γ LN(block) + β for each
/// block,
///
/// ```text
/// i = σ(aᵢ)   f = σ(a_f)   g = tanh(a_g)   o = σ(aₒ)
/// c' = LN(f c + i g)       h' = o tanh(c')
/// ```
public struct GateNormLSTMCell: AffineCell, MemoryCell, NamedGates {
  package static let gateNames = ["i", "f", "g", "o"]

  /// W, `[inputs, 4·hidden]`.
  public var inputWeight: Tensor
  /// U, `[hidden, 4·hidden]`.
  public var recurrentWeight: Tensor
  /// γ, `[4, hidden]`.
  public var gateScale: Tensor
  /// β, `[4, hidden]`.
  public var gateShift: Tensor
  /// The normalisation of the memory, over `hidden` features; the gates share its ε.
  public var memoryNorm: LayerNorm
  /// The functions that stand for σ and tanh in the equations.
  public var activations: GateActivations

  /// A cell with the given weights.
  public init(
    inputWeight: Tensor, recurrentWeight: Tensor, gateScale: Tensor, gateShift: Tensor, memoryNorm: LayerNorm,
    activations: GateActivations = GateActivations()
  ) {
    self.inputWeight = inputWeight
    self.recurrentWeight = recurrentWeight
    self.gateScale = gateScale
    self.gateShift = gateShift
    self.memoryNorm = memoryNorm
    self.activations = activations
    checkParameters()
  }

  /// Weights as `LSTMCell` draws them, scales of 1, a forget-gate shift of `forgetBias`, and other shifts of 0.
  public init(
    _ inputs: Int, _ hidden: Int, forgetBias: Double = 1, epsilon: Double = 1e-5, input: Initializer = .glorotUniform,
    recurrent: Initializer = .orthogonal(),
    _ type: ElementType = .float32,
    using generator: inout Generator
  ) {
    let weights = gateWeights(4, "GateNormLSTMCell", inputs, hidden, input, recurrent, type, &generator)
    self.init(
      inputWeight: weights.input, recurrentWeight: weights.recurrent, gateScale: Tensor.ones([4, hidden], type),
      gateShift: Tensor.stack([0, forgetBias, 0, 0].map { Tensor.full([hidden], $0, type) }),
      memoryNorm: LayerNorm(hidden, epsilon: epsilon, type))
  }

  public func checkParameters() {
    let check = ParameterCheck(Self.self, recurrentWeight: recurrentWeight, gates: 4)
    check("inputWeight", inputWeight, rows: "inputs", columns: 4 * hiddenSize)
    check("gateScale", gateScale, [4, hiddenSize])
    check("gateShift", gateShift, [4, hiddenSize])
    check("memoryNorm", memoryNorm, hiddenSize)
  }

  public mutating func visit(_ visitor: Visitor) {
    visitor("inputWeight", &inputWeight)
    visitor("recurrentWeight", &recurrentWeight)
    visitor("gateScale", &gateScale)
    visitor("gateShift", &gateShift)
    visitor("memoryNorm", &memoryNorm)
  }

  public func step(
    _ projected: Tensor, _ recurred: Tensor, _ state: LSTMState, revising revise: (Tensor) -> Tensor
  ) -> LSTMState {
    let a = (projected + recurred).chunks(4, axis: -1).enumerated().map { index, block in
      block.layerNorm(scale: gateScale[index], shift: gateShift[index], epsilon: memoryNorm.epsilon)
    }
    let gate = activations.gate
    let (i, f, g, o) = (gate(a[0]), gate(a[1]), activations.candidate(a[2]), gate(a[3]))
    let cell = memoryNorm(revise(f * state.cell + i * g))
    return LSTMState(hidden: o * activations.output(cell), cell: cell)
  }
}
