public import UnrollArrays
public import UnrollAutograd

/// A quasi-recurrent network: gates from a convolution over the latest inputs, and a linear recurrence. With the inputs of the
/// window side by side as x, the oldest first, and a = x·W + b in blocks z, f, o, i as far as the pooling has them:
///
/// ```text
/// z = tanh(a_z)   f = σ(a_f)   o = σ(aₒ)   i = σ(aᵢ)
/// c' = f c + (1 − f) z      h' = c'        forget pooling
/// c' = f c + (1 − f) z      h' = o c'      output pooling (the default)
/// c' = f c + i z            h' = o c'      input pooling
/// ```
public struct QRNNCell: LinearCell {
  /// Which gates there are.
  public enum Pooling: Int, Sendable {
    /// f.
    case forget = 2
    /// f and o.
    case output = 3
    /// f, o and i.
    case input = 4
  }

  /// W, `[window·inputs, blocks·hidden]`.
  public var inputWeight: Tensor
  /// b, `[blocks·hidden]`.
  public var bias: Tensor
  /// Which gates there are.
  public var pooling: Pooling
  public let window: Int

  /// A cell with the given weights.
  public init(inputWeight: Tensor, bias: Tensor, pooling: Pooling = .output, window: Int = 2) {
    require(window > 0, "QRNNCell: a window of \(window) steps is not positive")
    self.inputWeight = inputWeight
    self.bias = bias
    self.pooling = pooling
    self.window = window
    checkParameters()
  }

  /// Glorot-uniform input weights and a bias of 0.
  ///
  ///     let qrnn = QRNN(3, [4, 4]) { QRNNCell($0, $1, pooling: .input, using: &generator) }
  public init(
    _ inputs: Int, _ hidden: Int, pooling: Pooling = .output, window: Int = 2, _ type: ElementType = .float32,
    using generator: inout Generator
  ) {
    require(window > 0 && inputs <= Int.max / window, "QRNNCell: a window of \(window) steps does not make a cell")
    let blocks = pooling.rawValue
    let weights = gateWeights(blocks, "QRNNCell", window * inputs, hidden, .glorotUniform, .zeros, type, &generator)
    self.init(inputWeight: weights.input, bias: Tensor.zeros([blocks * hidden], type), pooling: pooling, window: window)
  }

  public var hiddenSize: Int { inputWeight.shape[1] / pooling.rawValue }
  public var inputSize: Int? { inputWeight.shape[0] / window }

  public func checkParameters() {
    let check = ParameterCheck(Self.self, inputWeight: inputWeight, gates: pooling.rawValue)
    require(
      inputWeight.shape[0] % window == 0,
      "QRNNCell: inputWeight has the shape \(inputWeight.shape), whose rows are not inputs of \(window) steps")
    check("bias", bias, [pooling.rawValue * hiddenSize])
  }

  public mutating func visit(_ visitor: Visitor) {
    visitor("inputWeight", &inputWeight)
    visitor("bias", &bias)
  }

  public func project(_ x: Tensor) -> Tensor { x }

  public func combine(_ window: Tensor) -> Tensor { window.affine(inputWeight, bias: bias) }

  public func coefficients(_ projected: Tensor) -> (a: Tensor, b: Tensor) {
    let a = projected.chunks(pooling.rawValue, axis: -1)
    let (z, f) = (a[0].tanh(), a[1].sigmoid())
    return (f, pooling == .input ? a[3].sigmoid() * z : z - f * z)
  }

  public func output(_ memory: Tensor, _ projected: Tensor) -> Tensor {
    pooling == .forget ? memory : projected.chunks(pooling.rawValue, axis: -1)[2].sigmoid() * memory
  }

  public func initialState(batch: Int, _ type: ElementType) -> QRNNState {
    let zeros = Tensor.zeros([batch, hiddenSize], type)
    let earlier = window > 1 ? Tensor.zeros([batch, (window - 1) * (inputWeight.shape[0] / window)], type) : nil
    return QRNNState(hidden: zeros, cell: zeros, inputs: earlier)
  }
}

/// The state of a quasi-recurrent network.
public struct QRNNState: RecurrentState {
  /// h, the output, `[batch, hidden]`.
  public var hidden: Tensor
  /// c, the memory, `[batch, hidden]`.
  public var cell: Tensor
  /// The earlier inputs of the window side by side, the oldest first, `[batch, (window − 1)·inputs]`; nil if there are none.
  public var inputs: Tensor?

  /// A state with the given tensors.
  public init(hidden: Tensor, cell: Tensor, inputs: Tensor?) {
    self.hidden = hidden
    self.cell = cell
    self.inputs = inputs
  }

  public mutating func visitTensors(_ visit: (inout Tensor) -> Void) {
    visit(&hidden)
    visit(&cell)
    inputs.visitTensors(visit)
  }
}

/// Quasi-recurrent networks, over sequences.
public typealias QRNN = Recurrent<QRNNCell>
