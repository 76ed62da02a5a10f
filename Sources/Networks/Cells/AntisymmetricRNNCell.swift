public import UnrollArrays
public import UnrollAutograd

/// A discretised differential equation whose recurrent matrix is antisymmetric, so that states neither vanish nor explode. With
/// u = h·(U − Uᵀ) − γ h and a = x·W + b in one block n, or in two blocks z, n of a gated cell:
///
/// ```text
/// h' = h + ε tanh(a_n + u)                 one block
/// h' = h + ε σ(a_z + u) tanh(a_n + u)      two blocks
/// ```
public struct AntisymmetricRNNCell: AffineCell {
  /// W, `[inputs, hidden]`, or `[inputs, 2·hidden]` for a gated cell.
  public var inputWeight: Tensor
  /// U, `[hidden, hidden]`.
  public var recurrentWeight: Tensor
  /// b, as wide as W, or nil.
  public var bias: Tensor?
  /// ε, the size of a step.
  public var stepSize: Double
  /// γ, the diffusion, which compensates for the error of a finite step.
  public var diffusion: Double

  /// A cell with the given weights; twice as many columns of input weights make it gated.
  public init(
    inputWeight: Tensor, recurrentWeight: Tensor, bias: Tensor?, stepSize: Double = 0.01, diffusion: Double = 0.01
  ) {
    self.inputWeight = inputWeight
    self.recurrentWeight = recurrentWeight
    self.bias = bias
    self.stepSize = stepSize
    self.diffusion = diffusion
    checkParameters()
  }

  /// Glorot-uniform input weights, normal recurrent weights of variance 1/hidden, and a bias of 0.
  ///
  ///     let rnn = AntisymmetricRNN(3, [4]) { AntisymmetricRNNCell($0, $1, gated: true, stepSize: 0.1, using: &generator) }
  public init(
    _ inputs: Int, _ hidden: Int, gated: Bool = false, stepSize: Double = 0.01, diffusion: Double = 0.01,
    _ type: ElementType = .float32, using generator: inout Generator
  ) {
    let name = "AntisymmetricRNNCell"
    let input = gateWeights(gated ? 2 : 1, name, inputs, hidden, .glorotUniform, .zeros, type, &generator).input
    let deviation = (1 / Double(hidden)).squareRoot()
    self.init(
      inputWeight: input, recurrentWeight: Tensor.normal([hidden, hidden], type, using: &generator) * deviation,
      bias: Tensor.zeros([input.shape[1]], type), stepSize: stepSize, diffusion: diffusion)
  }

  public func checkParameters() {
    let check = ParameterCheck(Self.self, recurrentWeight: recurrentWeight, gates: 1)
    let isGated = inputWeight.rank == 2 && inputWeight.shape[1] == 2 * hiddenSize
    check("inputWeight", inputWeight, rows: "inputs", columns: isGated ? 2 * hiddenSize : hiddenSize)
    check("bias", bias, [isGated ? 2 * hiddenSize : hiddenSize])
  }

  public mutating func visit(_ visitor: Visitor) {
    visitor("inputWeight", &inputWeight)
    visitor("recurrentWeight", &recurrentWeight)
    visitor("bias", &bias)
  }

  public func recur(_ hidden: Tensor) -> Tensor {
    let product = hidden.matmul(recurrentWeight - recurrentWeight.transposed())
    return diffusion == 0 ? product : product - hidden * diffusion
  }

  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: HiddenState) -> HiddenState {
    let a = projected.chunks(projected.shape[projected.rank - 1] / hiddenSize, axis: -1)
    let change = (a[a.count - 1] + recurred).tanh() * stepSize
    return HiddenState(hidden: state.hidden + (a.count == 1 ? change : (a[0] + recurred).sigmoid() * change))
  }
}

/// Antisymmetric recurrent networks, over sequences.
public typealias AntisymmetricRNN = Recurrent<AntisymmetricRNNCell>
