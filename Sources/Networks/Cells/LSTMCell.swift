public import UnrollArrays
public import UnrollAutograd

/// Long short-term memory: the step adds to a memory, so that gradients travel through time without shrinking.
///
/// With a = x·W + h·U + b in four blocks i, f, g, o of `hidden` columns each:
///
/// ```text
/// i = σ(aᵢ)   f = σ(a_f)   g = tanh(a_g)   o = σ(aₒ)
/// c' = f c + i g           h' = o tanh(c')
/// ```
public struct LSTMCell: StandardCell, MemoryCell {
  package static let gateNames = ["i", "f", "g", "o"]

  /// W, `[inputs, 4·hidden]`.
  public var inputWeight: Tensor
  /// U, `[hidden, 4·hidden]`.
  public var recurrentWeight: Tensor
  /// b, `[4·hidden]`, or nil.
  public var bias: Tensor?
  /// The functions that stand for σ and tanh in the equations.
  public var activations: GateActivations

  /// A cell with the given weights.
  public init(inputWeight: Tensor, recurrentWeight: Tensor, bias: Tensor?, activations: GateActivations = GateActivations()) {
    self.inputWeight = inputWeight
    self.recurrentWeight = recurrentWeight
    self.bias = bias
    self.activations = activations
    checkParameters()
  }

  /// Glorot-uniform input weights, orthogonal recurrent weights, a forget-gate bias of `forgetBias`, and other biases of 0.
  public init(
    _ inputs: Int, _ hidden: Int, bias: Bool = true, forgetBias: Double = 1, input: Initializer = .glorotUniform,
    recurrent: Initializer = .orthogonal(), _ type: ElementType = .float32,
    using generator: inout Generator
  ) {
    let weights = gateWeights(4, "LSTMCell", inputs, hidden, input, recurrent, type, &generator)
    let blocks = [0, forgetBias, 0, 0].map { Tensor.full([hidden], $0, type) }
    self.init(
      inputWeight: weights.input, recurrentWeight: weights.recurrent, bias: bias ? Tensor.concatenate(blocks, axis: 0) : nil)
  }

  init(default inputs: Int, _ hidden: Int, bias: Bool, _ type: ElementType, _ generator: inout Generator) {
    self.init(inputs, hidden, bias: bias, forgetBias: 1, type, using: &generator)
  }

  public func step(
    _ projected: Tensor, _ recurred: Tensor, _ state: LSTMState, revising revise: (Tensor) -> Tensor
  ) -> LSTMState {
    let (a, gate) = ((projected + recurred).chunks(4, axis: -1), activations.gate)
    let (i, f, g, o) = (gate(a[0]), gate(a[1]), activations.candidate(a[2]), gate(a[3]))
    let cell = revise(f * state.cell + i * g)
    return LSTMState(hidden: o * activations.output(cell), cell: cell)
  }
}

/// The state of an LSTM: its output h and its memory c.
public struct LSTMState: RecurrentState {
  /// h, the output, `[batch, hidden]`.
  public var hidden: Tensor
  /// c, the memory, `[batch, hidden]`.
  public var cell: Tensor

  /// A state with the given tensors.
  public init(hidden: Tensor, cell: Tensor) {
    self.hidden = hidden
    self.cell = cell
  }

  public mutating func visitTensors(_ visit: (inout Tensor) -> Void) {
    visit(&hidden)
    visit(&cell)
  }
}

extension RecurrentCell where State == LSTMState {
  /// A state of zeros, h and c of the same size.
  public func initialState(batch: Int, _ type: ElementType) -> LSTMState {
    LSTMState(hidden: Tensor.zeros([batch, hiddenSize], type), cell: Tensor.zeros([batch, hiddenSize], type))
  }
}

/// LSTM layers, over sequences.
///
///     let lstm = LSTM(3, 4, layers: 2, bidirectional: true, using: &generator)
public typealias LSTM = Recurrent<LSTMCell>
