public import UnrollArrays
public import UnrollAutograd

/// An LSTM whose output is a projection of its memory, usually to fewer features: with a = x·W + h·U + b in four blocks i, f,
/// g, o,
///
/// ```text
/// i = σ(aᵢ)   f = σ(a_f)   g = tanh(a_g)   o = σ(aₒ)
/// c' = f c + i g           h' = (o tanh(c'))·P
/// ```
public struct ProjectedLSTMCell: AffineCell, MemoryCell, NamedGates {
  package static let gateNames = ["i", "f", "g", "o"]

  /// W, `[inputs, 4·memory]`.
  public var inputWeight: Tensor
  /// U, `[hidden, 4·memory]`.
  public var recurrentWeight: Tensor
  /// b, `[4·memory]`, or nil.
  public var bias: Tensor?
  /// P, `[memory, hidden]`.
  public var projection: Tensor
  /// The functions that stand for σ and tanh in the equations.
  public var activations: GateActivations

  public var hiddenSize: Int { projection.shape[1] }
  /// The number of features of the memory.
  public var memorySize: Int { projection.shape[0] }

  /// A cell with the given weights.
  public init(
    inputWeight: Tensor, recurrentWeight: Tensor, bias: Tensor?, projection: Tensor,
    activations: GateActivations = GateActivations()
  ) {
    self.inputWeight = inputWeight
    self.recurrentWeight = recurrentWeight
    self.bias = bias
    self.projection = projection
    self.activations = activations
    checkParameters()
  }

  /// Glorot-uniform input weights and projection, recurrent weights with orthogonal rows in each block, a forget-gate bias of
  /// `forgetBias`, and other biases of 0.
  public init(
    _ inputs: Int, _ hidden: Int, memory: Int, bias: Bool = true, forgetBias: Double = 1, _ type: ElementType = .float32,
    using generator: inout Generator
  ) {
    require(
      inputs > 0 && hidden > 0, "ProjectedLSTMCell: \(inputs) inputs and \(hidden) hidden features do not make a cell")
    require(
      hidden <= memory, "ProjectedLSTMCell: \(hidden) output features are more than the \(memory) features of the memory")
    let wide = LSTMCell(inputs, memory, bias: bias, forgetBias: forgetBias, type, using: &generator)
    let bound = (6 / (Double(memory) + Double(hidden))).squareRoot()
    self.init(
      inputWeight: wide.inputWeight, recurrentWeight: wide.recurrentWeight[..<hidden], bias: wide.bias,
      projection: Tensor.uniform([memory, hidden], in: -bound..<bound, type, using: &generator))
  }

  public func checkParameters() {
    let check = ParameterCheck(Self.self, "projection", projection)
    check("projection", projection, axes: "[memory, hidden]", 2)
    check("recurrentWeight", recurrentWeight, [hiddenSize, 4 * memorySize])
    check("inputWeight", inputWeight, rows: "inputs", columns: 4 * memorySize)
    check("bias", bias, [4 * memorySize])
  }

  public mutating func visit(_ visitor: Visitor) {
    visitor("inputWeight", &inputWeight)
    visitor("recurrentWeight", &recurrentWeight)
    visitor("bias", &bias)
    visitor("projection", &projection)
  }

  public func step(
    _ projected: Tensor, _ recurred: Tensor, _ state: LSTMState, revising revise: (Tensor) -> Tensor
  ) -> LSTMState {
    let (a, gate) = ((projected + recurred).chunks(4, axis: -1), activations.gate)
    let (i, f, g, o) = (gate(a[0]), gate(a[1]), activations.candidate(a[2]), gate(a[3]))
    let cell = revise(f * state.cell + i * g)
    return LSTMState(hidden: (o * activations.output(cell)).matmul(projection), cell: cell)
  }

  public func initialState(batch: Int, _ type: ElementType) -> LSTMState {
    LSTMState(hidden: Tensor.zeros([batch, hiddenSize], type), cell: Tensor.zeros([batch, memorySize], type))
  }
}

/// LSTM layers whose output is a projection of the memory, over sequences.
///
///     let lstm = ProjectedLSTM(3, 4, layers: 2) { ProjectedLSTMCell($0, $1, memory: 16, using: &generator) }
public typealias ProjectedLSTM = Recurrent<ProjectedLSTMCell>
