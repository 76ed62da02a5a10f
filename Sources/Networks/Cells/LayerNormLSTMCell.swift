public import UnrollArrays
public import UnrollAutograd

/// An LSTM with normalised products and memory: with a = LN(x·W) + LN(h·U) + b in four blocks i, f, g, o, and each LN over all
/// four,
///
/// ```text
/// i = σ(aᵢ)   f = σ(a_f)   g = tanh(a_g)   o = σ(aₒ)
/// h' = o tanh(LN(f c + i g))
/// c' = f c + i g          raw memory (the default, as in Ba et al.)
/// c' = LN(f c + i g)      normalised memory
/// ```
public struct LayerNormLSTMCell: StandardCell, MemoryCell {
  package static let gateNames = ["i", "f", "g", "o"]

  /// The memory that the next step receives.
  public enum Memory: Sendable {
    /// f c + i g, before normalisation.
    case raw
    /// LN(f c + i g), which the output also reads.
    case normalized
  }

  /// W, `[inputs, 4·hidden]`.
  public var inputWeight: Tensor
  /// U, `[hidden, 4·hidden]`.
  public var recurrentWeight: Tensor
  /// b, `[4·hidden]`, or nil.
  public var bias: Tensor?
  /// The normalisation of x·W, over 4·hidden features.
  public var inputNorm: LayerNorm
  /// The normalisation of h·U, over 4·hidden features.
  public var recurrentNorm: LayerNorm
  /// The normalisation of the memory, over `hidden` features.
  public var memoryNorm: LayerNorm
  /// The memory that the next step receives.
  public var memory: Memory
  /// The functions that stand for σ and tanh in the equations.
  public var activations: GateActivations

  /// A cell with the given weights.
  public init(
    inputWeight: Tensor, recurrentWeight: Tensor, bias: Tensor?, inputNorm: LayerNorm, recurrentNorm: LayerNorm,
    memoryNorm: LayerNorm, memory: Memory = .raw, activations: GateActivations = GateActivations()
  ) {
    self.inputWeight = inputWeight
    self.recurrentWeight = recurrentWeight
    self.bias = bias
    self.inputNorm = inputNorm
    self.recurrentNorm = recurrentNorm
    self.memoryNorm = memoryNorm
    self.memory = memory
    self.activations = activations
    checkParameters()
  }

  /// Weights as `LSTMCell` draws them, scales of 1 and shifts of 0.
  public init(
    _ inputs: Int, _ hidden: Int, bias: Bool = true, forgetBias: Double = 1, memory: Memory = .raw, epsilon: Double = 1e-5,
    _ type: ElementType = .float32, using generator: inout Generator
  ) {
    let plain = LSTMCell(inputs, hidden, bias: bias, forgetBias: forgetBias, type, using: &generator)
    let norm = LayerNorm(4 * hidden, shift: false, epsilon: epsilon, type)
    self.init(
      inputWeight: plain.inputWeight, recurrentWeight: plain.recurrentWeight, bias: plain.bias, inputNorm: norm,
      recurrentNorm: norm, memoryNorm: LayerNorm(hidden, epsilon: epsilon, type), memory: memory)
  }

  init(default inputs: Int, _ hidden: Int, bias: Bool, _ type: ElementType, _ generator: inout Generator) {
    self.init(inputs, hidden, bias: bias, forgetBias: 1, type, using: &generator)
  }

  func checkOthers(_ check: ParameterCheck) {
    check("inputNorm", inputNorm, 4 * hiddenSize)
    check("recurrentNorm", recurrentNorm, 4 * hiddenSize)
    check("memoryNorm", memoryNorm, hiddenSize)
  }

  mutating func visitOthers(_ visitor: Visitor) {
    visitor("inputNorm", &inputNorm)
    visitor("recurrentNorm", &recurrentNorm)
    visitor("memoryNorm", &memoryNorm)
  }

  public func project(_ x: Tensor) -> Tensor { inputNorm.normalized(x.matmul(inputWeight), adding: bias) }

  public func step(
    _ projected: Tensor, _ recurred: Tensor, _ state: LSTMState, revising revise: (Tensor) -> Tensor
  ) -> LSTMState {
    let (a, gate) = ((projected + recurrentNorm(recurred)).chunks(4, axis: -1), activations.gate)
    let (i, f, g, o) = (gate(a[0]), gate(a[1]), activations.candidate(a[2]), gate(a[3]))
    let cell = revise(f * state.cell + i * g)
    let normal = memoryNorm(cell)
    return LSTMState(hidden: o * activations.output(normal), cell: memory == .raw ? cell : normal)
  }
}

/// LSTM layers with layer normalisation, over sequences.
///
///     let lstm = LayerNormLSTM(3, 4, layers: 2, using: &generator)
public typealias LayerNormLSTM = Recurrent<LayerNormLSTMCell>
