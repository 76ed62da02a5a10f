public import UnrollArrays
public import UnrollAutograd

/// Elman's cell with normalised products: h' = f(LN(x·W) + LN(h·U) + b), with f = tanh by default.
public struct LayerNormRNNCell: AffineCell {
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

  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: HiddenState) -> HiddenState {
    HiddenState(hidden: activation(projected + recurrentNorm(recurred)))
  }
}

/// Elman networks with layer normalisation, over sequences.
///
///     let rnn = LayerNormRNN(3, 4, activation: .relu, using: &generator)
public typealias LayerNormRNN = Recurrent<LayerNormRNNCell>

extension Recurrent where Cell == LayerNormRNNCell {
  /// A stack of layers with `hidden` features each.
  ///
  ///     let layer = LayerNormRNN(3, 4, layers: 2, using: &generator)
  public init(
    _ inputs: Int, _ hidden: Int, layers: Int = 1, bias: Bool = true, activation: Activation = .tanh, epsilon: Double = 1e-5,
    bidirectional: Bool = false, merge: Merge = .concatenate, isTimeFirst: Bool = false,
    _ type: ElementType = .float32, using generator: inout Generator
  ) {
    self.init(
      inputs, layerSizes(hidden, layers), bidirectional: bidirectional, merge: merge, isTimeFirst: isTimeFirst
    ) { LayerNormRNNCell($0, $1, bias: bias, activation: activation, epsilon: epsilon, type, using: &generator) }
  }
}
