public import UnrollArrays
public import UnrollAutograd

/// Elman's cell with normalised products: h' = f(LN(x·W) + LN(h·U) + b), with f = tanh by default.
public struct LayerNormRNNCell: RecurrentCell {
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

  public var hiddenSize: Int { recurrentWeight.shape[0] }
  public var inputSize: Int? { inputWeight.shape[0] }

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

  public func checkParameters() {
    let check = ParameterCheck("LayerNormRNNCell", recurrentWeight: recurrentWeight, gates: 1)
    check("inputWeight", inputWeight, rows: "inputs", columns: hiddenSize)
    check("bias", bias, [hiddenSize])
    check("inputNorm", inputNorm, hiddenSize)
    check("recurrentNorm", recurrentNorm, hiddenSize)
  }

  public mutating func visit(_ visitor: Visitor) {
    visitor("inputWeight", &inputWeight)
    visitor("recurrentWeight", &recurrentWeight)
    visitor("bias", &bias)
    visitor("inputNorm", &inputNorm)
    visitor("recurrentNorm", &recurrentNorm)
  }

  public func project(_ x: Tensor) -> Tensor { inputNorm.normalized(x.matmul(inputWeight), adding: bias) }

  public func recur(_ hidden: Tensor) -> Tensor { hidden.matmul(recurrentWeight) }

  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: HiddenState) -> HiddenState {
    HiddenState(hidden: activation(projected + recurrentNorm(recurred)))
  }

  public func initialState(batch: Int, _ type: ElementType) -> HiddenState {
    HiddenState(hidden: Tensor.zeros([batch, hiddenSize], type))
  }
}
