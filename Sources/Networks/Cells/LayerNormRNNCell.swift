public import UnrollArrays
public import UnrollAutograd

/// Elman's cell with normalised products: h' = f(LN(x·W) + LN(h·U) + b), with f = tanh by default.
public struct LayerNormRNNCell: StandardCell {
  package static let gateNames = ["h"]

  /// W, `[inputs, hidden]`.
  public var inputWeight: Tensor
  /// U, `[hidden, hidden]`.
  public var recurrentWeight: Tensor
  /// b, `[hidden]`, or nil.
  public var bias: Tensor?
  /// The normalisation of x·W.
  public var inputNorm: LayerNorm
  /// The normalisation of h·U.
  public var recurrentNorm: LayerNorm
  /// f, the activation.
  public var activation: Activation

  /// A cell with the given weights.
  public init(
    inputWeight: Tensor, recurrentWeight: Tensor, bias: Tensor?, inputNorm: LayerNorm, recurrentNorm: LayerNorm,
    activation: Activation = .tanh
  ) {
    self.inputWeight = inputWeight
    self.recurrentWeight = recurrentWeight
    self.bias = bias
    self.inputNorm = inputNorm
    self.recurrentNorm = recurrentNorm
    self.activation = activation
    checkParameters()
  }

  /// Weights as `RNNCell` draws them, and scales of 1.
  public init(
    _ inputs: Int, _ hidden: Int, bias: Bool = true, activation: Activation = .tanh, epsilon: Double = 1e-5,
    _ type: ElementType = .float32, using generator: inout Generator
  ) {
    let plain = RNNCell(inputs, hidden, bias: bias, type, using: &generator)
    let norm = LayerNorm(hidden, shift: false, epsilon: epsilon, type)
    self.init(
      inputWeight: plain.inputWeight, recurrentWeight: plain.recurrentWeight, bias: plain.bias, inputNorm: norm,
      recurrentNorm: norm, activation: activation)
  }

  init(default inputs: Int, _ hidden: Int, bias: Bool, _ type: ElementType, _ generator: inout Generator) {
    self.init(inputs, hidden, bias: bias, activation: .tanh, type, using: &generator)
  }

  func checkOthers(_ check: ParameterCheck) {
    check("inputNorm", inputNorm, hiddenSize)
    check("recurrentNorm", recurrentNorm, hiddenSize)
  }

  mutating func visitOthers(_ visitor: Visitor) {
    visitor("inputNorm", &inputNorm)
    visitor("recurrentNorm", &recurrentNorm)
  }

  public func project(_ x: Tensor) -> Tensor { inputNorm.normalized(x.matmul(inputWeight), adding: bias) }

  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: HiddenState) -> HiddenState {
    HiddenState(hidden: activation(projected + recurrentNorm(recurred)))
  }
}

/// Elman networks with layer normalisation, over sequences.
///
///     let rnn = LayerNormRNN(3, 4) { LayerNormRNNCell($0, $1, activation: .relu, using: &generator) }
public typealias LayerNormRNN = Recurrent<LayerNormRNNCell>
