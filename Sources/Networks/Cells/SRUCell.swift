public import UnrollArrays
public import UnrollAutograd

/// The simple recurrent unit. With a = x·W in blocks u, f, r and, for a projected highway, w:
///
/// ```text
/// f = σ(a_f + b_f + v_f c)   c' = f c + (1 − f) a_u
/// r = σ(a_r + b_r + v_r c)   h' = r g(c') + (1 − r) s
/// ```
///
/// g is the identity or tanh, s the highway. Without v the recurrence is linear; with v the gates read the memory, and steps run
/// one after the other.
public struct SRUCell: LinearCell {
  /// What passes beside the memory.
  public enum Highway: Sendable {
    /// The input times a number; it must have as many features as the output.
    case input(scale: Double)
    /// The block w of the product.
    case projected
    /// Nothing.
    case none
  }

  /// W, `[inputs, 3·hidden]`, or `[inputs, 4·hidden]` for a projected highway.
  public var inputWeight: Tensor
  /// b, `[2·hidden]`, blocks f and r.
  public var bias: Tensor
  /// v, `[2, hidden]`, rows f and r, or nil.
  public var peepholes: Tensor?
  /// s.
  public var highway: Highway
  /// g.
  public var activation: Activation

  /// A cell with the given weights.
  public init(
    inputWeight: Tensor, bias: Tensor, peepholes: Tensor?, highway: Highway = .projected, activation: Activation = .identity
  ) {
    self.inputWeight = inputWeight
    self.bias = bias
    self.peepholes = peepholes
    self.highway = highway
    self.activation = activation
    checkParameters()
  }

  /// Glorot-uniform input weights, a bias of 0, and no v unless `peepholes` is true, which starts at 0. The highway is the input
  /// if it has as many features as the output, else projected.
  ///
  ///     let sru = SRU(3, [4, 4]) { SRUCell($0, $1, using: &generator) }
  public init(
    _ inputs: Int, _ hidden: Int, peepholes: Bool = false, highway: Highway? = nil, activation: Activation = .identity,
    _ type: ElementType = .float32, using generator: inout Generator
  ) {
    let highway = highway ?? (inputs == hidden ? .input(scale: 1) : .projected)
    let weights = gateWeights(SRUCell.blocks(highway), "SRUCell", inputs, hidden, .glorotUniform, .zeros, type, &generator)
    self.init(
      inputWeight: weights.input, bias: Tensor.zeros([2 * hidden], type),
      peepholes: peepholes ? Tensor.zeros([2, hidden], type) : nil, highway: highway, activation: activation)
  }

  private static func blocks(_ highway: Highway) -> Int { if case .projected = highway { 4 } else { 3 } }

  public var hiddenSize: Int { bias.shape[0] / 2 }
  public var inputSize: Int? { inputWeight.shape[0] }
  public var isLinear: Bool { peepholes == nil }

  public func checkParameters() {
    let check = ParameterCheck(Self.self, "inputWeight", inputWeight)
    check("bias", bias, axes: "[2·hidden]", 1)
    check("bias", bias, [2 * hiddenSize])
    check("inputWeight", inputWeight, rows: "inputs", columns: SRUCell.blocks(highway) * hiddenSize)
    check("peepholes", peepholes, [2, hiddenSize])
    if case .input = highway {
      require(
        inputWeight.shape[0] == hiddenSize,
        "SRUCell: a highway for \(inputWeight.shape[0]) inputs and \(hiddenSize) hidden features must be projected")
    }
  }

  public mutating func visit(_ visitor: Visitor) {
    visitor("inputWeight", &inputWeight)
    visitor("bias", &bias)
    visitor("peepholes", &peepholes)
  }

  public func project(_ x: Tensor) -> Tensor {
    let product = x.matmul(inputWeight)
    if case .input(let scale) = highway { return Tensor.concatenate([product, x * scale], axis: -1) }
    return product
  }

  public func coefficients(_ projected: Tensor) -> (a: Tensor, b: Tensor) { coefficients(projected, reading: nil) }

  private func coefficients(_ projected: Tensor, reading memory: Tensor?) -> (a: Tensor, b: Tensor) {
    let (u, f) = (block(0, projected), gate(0, projected, memory))
    return (f, u - f * u)
  }

  public func output(_ memory: Tensor, _ projected: Tensor) -> Tensor { output(memory, projected, gate(1, projected, nil)) }

  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: LSTMState) -> LSTMState {
    let (a, b) = coefficients(projected, reading: state.cell)
    let memory = a * state.cell + b
    return LSTMState(hidden: output(memory, projected, gate(1, projected, state.cell)), cell: memory)
  }

  private func block(_ i: Int, _ projected: Tensor) -> Tensor {
    projected.chunks(projected.shape[projected.rank - 1] / hiddenSize, axis: -1)[i]
  }

  /// f or r.
  private func gate(_ i: Int, _ projected: Tensor, _ memory: Tensor?) -> Tensor {
    let a = block(1 + i, projected) + bias.chunks(2, axis: 0)[i]
    guard let peepholes, let memory else { return a.sigmoid() }
    return (a + memory * peepholes[i]).sigmoid()
  }

  private func output(_ memory: Tensor, _ projected: Tensor, _ r: Tensor) -> Tensor {
    let seen = activation(memory)
    if case .none = highway { return r * seen }
    let s = block(3, projected)
    return s + r * (seen - s)
  }
}

/// Simple recurrent units, over sequences.
public typealias SRU = Recurrent<SRUCell>
