public import UnrollArrays
public import UnrollAutograd

/// The minimal gated unit, a GRU with one gate. With a = x·W + b and u = h·U, each in two blocks f, n:
///
/// ```text
/// f = σ(a_f + u_f)
/// n = tanh(a_n + f (u_n + d))              gate after the product (the default); d is a separate bias
/// n = tanh(a_n + (f h)·U_n)                gate before the product
/// h' = (1 − f) n + f h
/// ```
///
/// The paper swaps f and 1 − f in the last line; the weights can learn either form.
public struct MGUCell: StandardCell {
  package static let gateNames = ["f", "n"]

  /// W, `[inputs, 2·hidden]`.
  public var inputWeight: Tensor
  /// U, `[hidden, 2·hidden]`.
  public var recurrentWeight: Tensor
  /// b, `[2·hidden]`, or nil.
  public var bias: Tensor?
  /// d, `[hidden]`, or nil; only with the gate after the product.
  public var candidateBias: Tensor?
  /// Where the gate applies in the candidate.
  public var reset: GRUCell.Reset
  /// The functions that stand for σ and tanh in the equations.
  public var activations: GateActivations { didSet { activations.requireNoOutput("MGUCell") } }

  /// A cell with the given weights.
  public init(
    inputWeight: Tensor, recurrentWeight: Tensor, bias: Tensor?, candidateBias: Tensor? = nil,
    reset: GRUCell.Reset = .after, activations: GateActivations = GateActivations()
  ) {
    self.inputWeight = inputWeight
    self.recurrentWeight = recurrentWeight
    self.bias = bias
    self.candidateBias = candidateBias
    self.reset = reset
    self.activations = activations
    activations.requireNoOutput("MGUCell")
    checkParameters()
  }

  /// Glorot-uniform input weights, orthogonal recurrent weights, and biases of 0.
  public init(
    _ inputs: Int, _ hidden: Int, bias: Bool = true, reset: GRUCell.Reset = .after, input: Initializer = .glorotUniform,
    recurrent: Initializer = .orthogonal(),
    _ type: ElementType = .float32,
    using generator: inout Generator
  ) {
    let weights = gateWeights(2, "MGUCell", inputs, hidden, input, recurrent, type, &generator)
    self.init(
      inputWeight: weights.input, recurrentWeight: weights.recurrent, bias: bias ? Tensor.zeros([2 * hidden], type) : nil,
      candidateBias: bias && reset == .after ? Tensor.zeros([hidden], type) : nil, reset: reset)
  }

  init(default inputs: Int, _ hidden: Int, bias: Bool, _ type: ElementType, _ generator: inout Generator) {
    self.init(inputs, hidden, bias: bias, reset: .after, type, using: &generator)
  }

  func checkOthers(_ check: ParameterCheck) {
    check("candidateBias", candidateBias, [hiddenSize])
    require(
      candidateBias == nil || reset == .after, "MGUCell: a candidateBias needs the gate after the product")
  }

  mutating func visitOthers(_ visitor: Visitor) { visitor("candidateBias", &candidateBias) }

  public func recur(_ hidden: Tensor) -> Tensor {
    hidden.matmul(reset == .after ? recurrentWeight : recurrentWeight[.all, ..<hiddenSize])
  }

  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: HiddenState) -> HiddenState {
    let (a, u, h) = (projected.chunks(2, axis: -1), recurred.chunks(reset == .after ? 2 : 1, axis: -1), state.hidden)
    let f = activations.gate(a[0] + u[0])
    let seen =
      switch reset {
      case .after: f * (candidateBias.map { u[1] + $0 } ?? u[1])
      case .before: (f * h).matmul(recurrentWeight[.all, hiddenSize...])
      }
    let n = activations.candidate(a[1] + seen)
    return HiddenState(hidden: n + f * (h - n))
  }
}

/// Minimal gated units, over sequences.
///
///     let mgu = MGU(3, 4) { MGUCell($0, $1, reset: .before, using: &generator) }
public typealias MGU = Recurrent<MGUCell>
