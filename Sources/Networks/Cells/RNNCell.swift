public import UnrollArrays
public import UnrollAutograd

/// Elman's cell: h' = f(x·W + h·U + b), with f = tanh by default.
public struct RNNCell: AffineCell {
  /// W, `[inputs, hidden]`.
  public var inputWeight: Tensor
  /// U, `[hidden, hidden]`.
  public var recurrentWeight: Tensor
  /// b, `[hidden]`, or nil.
  public var bias: Tensor?
  /// f, the activation.
  public var activation: Activation

  /// A cell with the given weights.
  public init(inputWeight: Tensor, recurrentWeight: Tensor, bias: Tensor?, activation: Activation = .tanh) {
    self.inputWeight = inputWeight
    self.recurrentWeight = recurrentWeight
    self.bias = bias
    self.activation = activation
    checkParameters()
  }

  /// Glorot-uniform input weights, orthogonal recurrent weights, and a bias of 0.
  public init(
    _ inputs: Int, _ hidden: Int, bias: Bool = true, activation: Activation = .tanh, input: Initializer = .glorotUniform,
    recurrent: Initializer = .orthogonal(), _ type: ElementType = .float32,
    using generator: inout Generator
  ) {
    let weights = gateWeights(1, "RNNCell", inputs, hidden, input, recurrent, type, &generator)
    self.init(
      inputWeight: weights.input, recurrentWeight: weights.recurrent, bias: bias ? Tensor.zeros([hidden], type) : nil,
      activation: activation)
  }

  public func checkParameters() {
    let check = ParameterCheck("RNNCell", recurrentWeight: recurrentWeight, gates: 1)
    check("inputWeight", inputWeight, rows: "inputs", columns: hiddenSize)
    check("bias", bias, [hiddenSize])
  }

  public mutating func visit(_ visitor: Visitor) {
    visitor("inputWeight", &inputWeight)
    visitor("recurrentWeight", &recurrentWeight)
    visitor("bias", &bias)
  }

  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: HiddenState) -> HiddenState {
    HiddenState(hidden: activation(projected + recurred))
  }
}

/// Elman networks, over sequences.
public typealias RNN = Recurrent<RNNCell>

extension Recurrent where Cell == RNNCell {
  /// A stack of layers with `hidden` features each.
  public init(
    _ inputs: Int, _ hidden: Int, layers: Int = 1, bias: Bool = true, activation: Activation = .tanh,
    bidirectional: Bool = false,
    merge: Merge = .concatenate, isTimeFirst: Bool = false, _ type: ElementType = .float32, using generator: inout Generator
  ) {
    self.init(
      inputs, layerSizes(hidden, layers), bidirectional: bidirectional, merge: merge, isTimeFirst: isTimeFirst
    ) { RNNCell($0, $1, bias: bias, activation: activation, type, using: &generator) }
  }
}
