public import UnrollArrays
public import UnrollAutograd

/// Long expressive memory: two coupled differential equations, each with step sizes that it learns. With the output y, the
/// memory z, a = x·W + b in four blocks 1, 2, z, y, and u = y·U in three blocks 1, 2, z:
///
/// ```text
/// δ = Δ σ(a₁ + u₁)   z' = z + δ (tanh(a_z + u_z) − z)
/// ε = Δ σ(a₂ + u₂)   y' = y + ε (tanh(a_y + z'·V) − y)
/// ```
///
/// y is the hidden part of the state and z its cell.
public struct LEMCell: AffineCell {
  /// W, `[inputs, 4·hidden]`.
  public var inputWeight: Tensor
  /// U, `[hidden, 3·hidden]`.
  public var recurrentWeight: Tensor
  /// V, `[hidden, hidden]`.
  public var memoryWeight: Tensor
  /// b, `[4·hidden]`, or nil.
  public var bias: Tensor?
  /// Δ, the largest step.
  public var stepSize: Double

  /// A cell with the given weights.
  public init(inputWeight: Tensor, recurrentWeight: Tensor, memoryWeight: Tensor, bias: Tensor?, stepSize: Double = 1) {
    self.inputWeight = inputWeight
    self.recurrentWeight = recurrentWeight
    self.memoryWeight = memoryWeight
    self.bias = bias
    self.stepSize = stepSize
    checkParameters()
  }

  /// Glorot-uniform input weights, orthogonal recurrent weights, and a bias of 0.
  ///
  ///     let lem = LEM(3, [4]) { LEMCell($0, $1, using: &generator) }
  public init(
    _ inputs: Int, _ hidden: Int, bias: Bool = true, stepSize: Double = 1, _ type: ElementType = .float32,
    using generator: inout Generator
  ) {
    let input = gateWeights(4, "LEMCell", inputs, hidden, .glorotUniform, .zeros, type, &generator).input
    let square = Initializer.orthogonal()
    self.init(
      inputWeight: input, recurrentWeight: Initializer.perGate(3, square)([hidden, 3 * hidden], type, using: &generator),
      memoryWeight: square([hidden, hidden], type, using: &generator), bias: bias ? Tensor.zeros([4 * hidden], type) : nil,
      stepSize: stepSize)
  }

  public func checkParameters() {
    let check = ParameterCheck(Self.self, recurrentWeight: recurrentWeight, gates: 3)
    check("inputWeight", inputWeight, rows: "inputs", columns: 4 * hiddenSize)
    check("memoryWeight", memoryWeight, [hiddenSize, hiddenSize])
    check("bias", bias, [4 * hiddenSize])
  }

  public mutating func visit(_ visitor: Visitor) {
    visitor("inputWeight", &inputWeight)
    visitor("recurrentWeight", &recurrentWeight)
    visitor("memoryWeight", &memoryWeight)
    visitor("bias", &bias)
  }

  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: LSTMState) -> LSTMState {
    let (a, u, y, z) = (projected.chunks(4, axis: -1), recurred.chunks(3, axis: -1), state.hidden, state.cell)
    let memory = z + (a[0] + u[0]).sigmoid() * ((a[2] + u[2]).tanh() - z) * stepSize
    let output = y + (a[1] + u[1]).sigmoid() * ((a[3] + memory.matmul(memoryWeight)).tanh() - y) * stepSize
    return LSTMState(hidden: output, cell: memory)
  }
}

/// Long expressive memories, over sequences.
public typealias LEM = Recurrent<LEMCell>
