public import UnrollArrays
public import UnrollAutograd

/// A gated recurrent unit with normalised products: with a = LN(x·W) + b and u = LN(h·U), each normalised over all of its three
/// blocks r, z, n,
///
/// ```text
/// r = σ(a_r + u_r)   z = σ(a_z + u_z)   n = tanh(a_n + r (u_n + d))
/// h' = (1 − z) n + z h
/// ```
public struct LayerNormGRUCell: StandardCell {
  package static let gateNames = ["r", "z", "n"]

  /// W, `[inputs, 3·hidden]`.
  public var inputWeight: Tensor
  /// U, `[hidden, 3·hidden]`.
  public var recurrentWeight: Tensor
  /// b, `[3·hidden]`, or nil.
  public var bias: Tensor?
  /// d, `[hidden]`, or nil.
  public var candidateBias: Tensor?
  /// The normalisation of x·W, over 3·hidden features.
  public var inputNorm: LayerNorm
  /// The normalisation of h·U, over 3·hidden features.
  public var recurrentNorm: LayerNorm
  /// The functions that stand for σ and tanh in the equations.
  public var activations: GateActivations { didSet { activations.requireNoOutput("LayerNormGRUCell") } }

  /// A cell with the given weights.
  public init(
    inputWeight: Tensor, recurrentWeight: Tensor, bias: Tensor?, candidateBias: Tensor?, inputNorm: LayerNorm,
    recurrentNorm: LayerNorm, activations: GateActivations = GateActivations()
  ) {
    self.inputWeight = inputWeight
    self.recurrentWeight = recurrentWeight
    self.bias = bias
    self.candidateBias = candidateBias
    self.inputNorm = inputNorm
    self.recurrentNorm = recurrentNorm
    self.activations = activations
    activations.requireNoOutput("LayerNormGRUCell")
    checkParameters()
  }

  /// Weights as `GRUCell` draws them, and scales of 1.
  public init(
    _ inputs: Int, _ hidden: Int, bias: Bool = true, epsilon: Double = 1e-5, _ type: ElementType = .float32,
    using generator: inout Generator
  ) {
    let plain = GRUCell(inputs, hidden, bias: bias, type, using: &generator)
    let norm = LayerNorm(3 * hidden, shift: false, epsilon: epsilon, type)
    self.init(
      inputWeight: plain.inputWeight, recurrentWeight: plain.recurrentWeight, bias: plain.bias,
      candidateBias: plain.candidateBias, inputNorm: norm, recurrentNorm: norm)
  }

  init(default inputs: Int, _ hidden: Int, bias: Bool, _ type: ElementType, _ generator: inout Generator) {
    self.init(inputs, hidden, bias: bias, epsilon: 1e-5, type, using: &generator)
  }

  func checkOthers(_ check: ParameterCheck) {
    check("candidateBias", candidateBias, [hiddenSize])
    check("inputNorm", inputNorm, 3 * hiddenSize)
    check("recurrentNorm", recurrentNorm, 3 * hiddenSize)
  }

  mutating func visitOthers(_ visitor: Visitor) {
    visitor("candidateBias", &candidateBias)
    visitor("inputNorm", &inputNorm)
    visitor("recurrentNorm", &recurrentNorm)
  }

  public func project(_ x: Tensor) -> Tensor { inputNorm.normalized(x.matmul(inputWeight), adding: bias) }

  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: HiddenState) -> HiddenState {
    let (a, u) = (projected.chunks(3, axis: -1), recurrentNorm(recurred).chunks(3, axis: -1))
    let (r, z) = (activations.gate(a[0] + u[0]), activations.gate(a[1] + u[1]))
    let n = activations.candidate(a[2] + r * (candidateBias.map { u[2] + $0 } ?? u[2]))
    return HiddenState(hidden: n + z * (state.hidden - n))
  }
}

/// GRU layers with layer normalisation, over sequences.
///
///     let gru = LayerNormGRU(3, 4, bidirectional: true, using: &generator)
public typealias LayerNormGRU = Recurrent<LayerNormGRUCell>
