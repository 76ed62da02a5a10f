public import UnrollArrays
public import UnrollAutograd

/// An LSTM whose gates and memory are normalised: with a = LN(x·W) + LN(h·U) + b in four blocks i, f, g, o, each LN over all of them,
///
/// ```text
/// i = σ(aᵢ)   f = σ(a_f)   g = tanh(a_g)   o = σ(aₒ)
/// h' = o tanh(LN(f c + i g))
/// c' = f c + i g          kept raw (the default, as Ba et al. have it)
/// c' = LN(f c + i g)      or normalised
/// ```
public struct LayerNormLSTMCell: MemoryCell {
  /// Which memory the next step meets.
  public enum Memory: Sendable {
    /// f c + i g itself.
    case raw
    /// What the output reads.
    case normalized
  }

  /// W, `[inputs, 4·hidden]`.
  public var inputWeight: Tensor
  /// U, `[hidden, 4·hidden]`.
  public var recurrentWeight: Tensor
  /// b, `[4·hidden]`, or none.
  public var bias: Tensor?
  /// The normalisation of x·W, of 4·hidden features.
  public var inputNorm: LayerNorm
  /// The normalisation of h·U, of 4·hidden features.
  public var recurrentNorm: LayerNorm
  /// The normalisation of the memory, of hidden features.
  public var memoryNorm: LayerNorm
  /// Which memory the next step meets.
  public var memory: Memory
  /// σ and tanh, or what stands in their place.
  public var activations: GateActivations

  public var hiddenSize: Int { recurrentWeight.shape[0] }
  public var inputSize: Int? { inputWeight.shape[0] }

  /// A cell of the given weights.
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

  /// As an `LSTMCell` begins, with factors of 1 and shifts of 0.
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

  public func checkParameters() {
    let check = ParameterCheck("LayerNormLSTMCell", recurrentWeight: recurrentWeight, gates: 4)
    check("inputWeight", inputWeight, rows: "inputs", columns: 4 * hiddenSize)
    check("bias", bias, [4 * hiddenSize])
    check("inputNorm", inputNorm, 4 * hiddenSize)
    check("recurrentNorm", recurrentNorm, 4 * hiddenSize)
    check("memoryNorm", memoryNorm, hiddenSize)
  }

  public mutating func visit(_ visitor: Visitor) {
    visitor("inputWeight", &inputWeight)
    visitor("recurrentWeight", &recurrentWeight)
    visitor("bias", &bias)
    visitor("inputNorm", &inputNorm)
    visitor("recurrentNorm", &recurrentNorm)
    visitor("memoryNorm", &memoryNorm)
  }

  public func project(_ x: Tensor) -> Tensor { inputNorm.normalized(x.matmul(inputWeight), adding: bias) }

  public func recur(_ hidden: Tensor) -> Tensor { hidden.matmul(recurrentWeight) }

  public func step(
    _ projected: Tensor, _ recurred: Tensor, _ state: LSTMState, revising revise: (Tensor) -> Tensor
  ) -> LSTMState {
    let (a, gate) = ((projected + recurrentNorm(recurred)).chunks(4, axis: -1), activations.gate)
    let (i, f, g, o) = (gate(a[0]), gate(a[1]), activations.candidate(a[2]), gate(a[3]))
    let cell = revise(f * state.cell + i * g)
    let normal = memoryNorm(cell)
    return LSTMState(hidden: o * activations.output(normal), cell: memory == .raw ? cell : normal)
  }

  public func initialState(batch: Int, _ type: ElementType) -> LSTMState {
    LSTMState(hidden: Tensor.zeros([batch, hiddenSize], type), cell: Tensor.zeros([batch, hiddenSize], type))
  }
}
