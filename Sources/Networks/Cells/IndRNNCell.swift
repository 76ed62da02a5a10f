public import UnrollArrays
public import UnrollAutograd

/// An independently recurrent cell, where each feature recurs only to itself: h' = f(x·W + u h + b), with f = relu by default.
public struct IndRNNCell: StandardCell {
  package static let gateNames = ["h"]

  /// W, `[inputs, hidden]`.
  public var inputWeight: Tensor
  /// u, `[hidden]`.
  public var recurrentWeight: Tensor
  /// b, `[hidden]`, or nil.
  public var bias: Tensor?
  /// f, the activation.
  public var activation: Activation

  /// A cell with the given weights.
  public init(inputWeight: Tensor, recurrentWeight: Tensor, bias: Tensor?, activation: Activation = .relu) {
    self.inputWeight = inputWeight
    self.recurrentWeight = recurrentWeight
    self.bias = bias
    self.activation = activation
    checkParameters()
  }

  /// Glorot-uniform input weights, recurrent weights uniform in 0..<1, and a bias of 0.
  public init(
    _ inputs: Int, _ hidden: Int, bias: Bool = true, activation: Activation = .relu, _ type: ElementType = .float32,
    using generator: inout Generator
  ) {
    require(inputs > 0 && hidden > 0, "IndRNNCell: \(inputs) inputs and \(hidden) hidden features do not make a cell")
    let bound = (6 / (Double(inputs) + Double(hidden))).squareRoot()
    self.init(
      inputWeight: Tensor.uniform([inputs, hidden], in: -bound..<bound, type, using: &generator),
      recurrentWeight: Tensor.uniform([hidden], in: 0..<1, type, using: &generator),
      bias: bias ? Tensor.zeros([hidden], type) : nil, activation: activation)
  }

  init(default inputs: Int, _ hidden: Int, bias: Bool, _ type: ElementType, _ generator: inout Generator) {
    self.init(inputs, hidden, bias: bias, activation: .relu, type, using: &generator)
  }

  public func checkParameters() {
    let check = ParameterCheck(Self.self, "recurrentWeight", recurrentWeight)
    check("recurrentWeight", recurrentWeight, axes: "[hidden]", 1)
    check("inputWeight", inputWeight, rows: "inputs", columns: hiddenSize)
    check("bias", bias, [hiddenSize])
  }

  public func recur(_ hidden: Tensor) -> Tensor { hidden * recurrentWeight }

  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: HiddenState) -> HiddenState {
    HiddenState(hidden: activation(projected + recurred))
  }
}

/// Independently recurrent networks, over sequences.
///
///     let rnn = IndRNN(3, 4, layers: 6, using: &generator)
public typealias IndRNN = Recurrent<IndRNNCell>
