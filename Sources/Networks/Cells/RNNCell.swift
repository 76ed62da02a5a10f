public import UnrollArrays
public import UnrollAutograd

/// Elman's cell: h' = f(x·W + h·U + b), with f = tanh by default.
public struct RNNCell: RecurrentCell {
  /// W, `[inputs, hidden]`.
  public var inputWeight: Tensor
  /// U, `[hidden, hidden]`.
  public var recurrentWeight: Tensor
  /// b, `[hidden]`, or nil.
  public var bias: Tensor?
  /// f, the activation.
  public var activation: Activation

  public var hiddenSize: Int { recurrentWeight.shape[0] }
  public var inputSize: Int? { inputWeight.shape[0] }

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

  public func project(_ x: Tensor) -> Tensor { bias.map { x.affine(inputWeight, bias: $0) } ?? x.matmul(inputWeight) }

  public func recur(_ hidden: Tensor) -> Tensor { hidden.matmul(recurrentWeight) }

  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: HiddenState) -> HiddenState {
    HiddenState(hidden: activation(projected + recurred))
  }

  public func initialState(batch: Int, _ type: ElementType) -> HiddenState {
    HiddenState(hidden: Tensor.zeros([batch, hiddenSize], type))
  }
}
