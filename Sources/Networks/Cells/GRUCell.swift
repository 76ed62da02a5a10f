public import UnrollArrays
public import UnrollAutograd

/// The gated recurrent unit. With a = x·W + b and u = h·U, each in three blocks r, z, n:
///
/// ```text
/// r = σ(a_r + u_r)   z = σ(a_z + u_z)
/// n = tanh(a_n + r (u_n + d))              reset gate after the product (the default); d is a separate bias
/// n = tanh(a_n + (r h)·U_n)                reset gate before the product
/// h' = (1 − z) n + z h
/// ```
public struct GRUCell: StandardCell {
  package static let gateNames = ["r", "z", "n"]

  /// Where the reset gate applies.
  public enum Reset: Sendable {
    /// To the hidden state, before the product with U, as in the paper.
    case before
    /// To the product h·U, as in most frameworks: one product then serves all gates.
    case after
  }

  /// W, `[inputs, 3·hidden]`.
  public var inputWeight: Tensor
  /// U, `[hidden, 3·hidden]`.
  public var recurrentWeight: Tensor
  /// b, `[3·hidden]`, or nil.
  public var bias: Tensor?
  /// d, `[hidden]`, or nil; only with the reset gate after the product.
  public var candidateBias: Tensor?
  /// Where the reset gate applies.
  public var reset: Reset
  /// The functions that stand for σ and tanh in the equations.
  public var activations: GateActivations { didSet { activations.requireNoOutput("GRUCell") } }

  /// A cell with the given weights.
  public init(
    inputWeight: Tensor, recurrentWeight: Tensor, bias: Tensor?, candidateBias: Tensor? = nil, reset: Reset = .after,
    activations: GateActivations = GateActivations()
  ) {
    self.inputWeight = inputWeight
    self.recurrentWeight = recurrentWeight
    self.bias = bias
    self.candidateBias = candidateBias
    self.reset = reset
    self.activations = activations
    activations.requireNoOutput("GRUCell")
    checkParameters()
  }

  /// Glorot-uniform input weights, orthogonal recurrent weights, and biases of 0.
  public init(
    _ inputs: Int, _ hidden: Int, bias: Bool = true, reset: Reset = .after, input: Initializer = .glorotUniform,
    recurrent: Initializer = .orthogonal(), _ type: ElementType = .float32,
    using generator: inout Generator
  ) {
    let weights = gateWeights(3, "GRUCell", inputs, hidden, input, recurrent, type, &generator)
    self.init(
      inputWeight: weights.input, recurrentWeight: weights.recurrent, bias: bias ? Tensor.zeros([3 * hidden], type) : nil,
      candidateBias: bias && reset == .after ? Tensor.zeros([hidden], type) : nil, reset: reset)
  }

  init(default inputs: Int, _ hidden: Int, bias: Bool, _ type: ElementType, _ generator: inout Generator) {
    self.init(inputs, hidden, bias: bias, reset: .after, type, using: &generator)
  }

  func checkOthers(_ check: ParameterCheck) {
    check("candidateBias", candidateBias, [hiddenSize])
    require(
      candidateBias == nil || reset == .after, "GRUCell: a candidateBias needs the reset gate after the product")
  }

  mutating func visitOthers(_ visitor: Visitor) { visitor("candidateBias", &candidateBias) }

  public func recur(_ hidden: Tensor) -> Tensor {
    reset == .after ? hidden.matmul(recurrentWeight) : hidden.matmul(recurrentWeight[.all, ..<(2 * hiddenSize)])
  }

  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: HiddenState) -> HiddenState {
    let (a, u, h) = (projected.chunks(3, axis: -1), recurred.chunks(reset == .after ? 3 : 2, axis: -1), state.hidden)
    let (r, z) = (activations.gate(a[0] + u[0]), activations.gate(a[1] + u[1]))
    let c =
      switch reset {
      case .after: a[2] + r * (candidateBias.map { u[2] + $0 } ?? u[2])
      case .before: a[2] + (r * h).matmul(recurrentWeight[.all, (2 * hiddenSize)...])
      }
    let n = activations.candidate(c)
    return HiddenState(hidden: n + z * (h - n))
  }
}

/// GRU layers, over sequences.
public typealias GRU = Recurrent<GRUCell>
