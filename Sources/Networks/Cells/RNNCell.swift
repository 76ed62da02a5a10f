public import UnrollArrays
public import UnrollAutograd

/// Elman's cell: h' = f(x·W + h·U + b), with f = tanh by default.
public struct RNNCell: StandardCell {
  package static let gateNames = ["h"]

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

  init(default inputs: Int, _ hidden: Int, bias: Bool, _ type: ElementType, _ generator: inout Generator) {
    self.init(inputs, hidden, bias: bias, activation: .tanh, type, using: &generator)
  }

  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: HiddenState) -> HiddenState {
    HiddenState(hidden: activation(projected + recurred))
  }
}

/// Elman networks, over sequences.
public typealias RNN = Recurrent<RNNCell>
