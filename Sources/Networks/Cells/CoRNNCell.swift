public import UnrollArrays
public import UnrollAutograd

/// A network of coupled, driven and damped oscillators, whose gradients are bounded. With positions y, the output, velocities z,
/// and u = tanh(x·W + y·U + z·V + b):
///
/// ```text
/// z' = z + Δ (u − γ y − ε z)               explicit damping (the default)
/// z' = (z + Δ (u − γ y)) / (1 + Δ ε)       implicit damping
/// y' = y + Δ z'
/// ```
///
/// y is the hidden part of the state and z its cell.
public struct CoRNNCell: AffineCell {
  /// The velocity that the damping reads.
  public enum Damping: Sendable {
    /// The one before the step.
    case explicit
    /// The one after the step.
    case implicit
  }

  /// W, `[inputs, hidden]`.
  public var inputWeight: Tensor
  /// U, `[hidden, hidden]`.
  public var recurrentWeight: Tensor
  /// V, `[hidden, hidden]`.
  public var velocityWeight: Tensor
  /// b, `[hidden]`, or nil.
  public var bias: Tensor?
  /// Δ, the size of a step.
  public var stepSize: Double
  /// γ, the frequency.
  public var frequency: Double
  /// ε, the strength of the damping.
  public var strength: Double
  /// The velocity that the damping reads.
  public var damping: Damping

  /// A cell with the given weights.
  public init(
    inputWeight: Tensor, recurrentWeight: Tensor, velocityWeight: Tensor, bias: Tensor?, stepSize: Double,
    frequency: Double, strength: Double, damping: Damping = .explicit
  ) {
    self.inputWeight = inputWeight
    self.recurrentWeight = recurrentWeight
    self.velocityWeight = velocityWeight
    self.bias = bias
    (self.stepSize, self.frequency, self.strength, self.damping) = (stepSize, frequency, strength, damping)
    checkParameters()
  }

  /// Glorot-uniform weights and a bias of 0.
  ///
  ///     let cornn = CoRNN(3, [4]) { CoRNNCell($0, $1, stepSize: 0.1, using: &generator) }
  public init(
    _ inputs: Int, _ hidden: Int, stepSize: Double = 0.05, frequency: Double = 3, strength: Double = 5,
    damping: Damping = .explicit, _ type: ElementType = .float32, using generator: inout Generator
  ) {
    let weights = gateWeights(1, "CoRNNCell", inputs, hidden, .glorotUniform, .glorotUniform, type, &generator)
    self.init(
      inputWeight: weights.input, recurrentWeight: weights.recurrent,
      velocityWeight: Initializer.glorotUniform([hidden, hidden], type, using: &generator), bias: Tensor.zeros([hidden], type),
      stepSize: stepSize, frequency: frequency, strength: strength, damping: damping)
  }

  public func checkParameters() {
    let check = ParameterCheck(Self.self, recurrentWeight: recurrentWeight, gates: 1)
    check("inputWeight", inputWeight, rows: "inputs", columns: hiddenSize)
    check("velocityWeight", velocityWeight, [hiddenSize, hiddenSize])
    check("bias", bias, [hiddenSize])
  }

  public mutating func visit(_ visitor: Visitor) {
    visitor("inputWeight", &inputWeight)
    visitor("recurrentWeight", &recurrentWeight)
    visitor("velocityWeight", &velocityWeight)
    visitor("bias", &bias)
  }

  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: LSTMState) -> LSTMState {
    let (y, z) = (state.hidden, state.cell)
    let force = (projected + recurred + z.matmul(velocityWeight)).tanh() - y * frequency
    let velocity =
      switch damping {
      case .explicit: z + (force - z * strength) * stepSize
      case .implicit: (z + force * stepSize) / (1 + stepSize * strength)
      }
    return LSTMState(hidden: y + velocity * stepSize, cell: velocity)
  }
}

/// Coupled oscillatory recurrent networks, over sequences.
public typealias CoRNN = Recurrent<CoRNNCell>
