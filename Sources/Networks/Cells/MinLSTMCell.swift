public import UnrollArrays
public import UnrollAutograd

/// An LSTM without recurrent weights and output gate, so that its recurrence is linear. With a = x·W + b in three blocks f, i, n,
/// and the candidate's function v of `MinGRUCell`:
///
/// ```text
/// f = σ(a_f)   i = σ(aᵢ)
/// h' = f / (f + i) h + i / (f + i) v(a_n)      normalised (the default)
/// h' = f h + i v(a_n)                          not normalised
/// ```
public struct MinLSTMCell: LinearCell {
  /// The memory is the output.
  public typealias State = HiddenState

  /// W, `[inputs, 3·hidden]`.
  public var inputWeight: Tensor
  /// b, `[3·hidden]`, or nil.
  public var bias: Tensor?
  /// Whether the candidate is made positive.
  public var isPositive: Bool
  /// Whether both gates are divided by their sum.
  public var isNormalized: Bool

  /// A cell with the given weights.
  public init(inputWeight: Tensor, bias: Tensor?, isPositive: Bool = false, isNormalized: Bool = true) {
    self.inputWeight = inputWeight
    self.bias = bias
    self.isPositive = isPositive
    self.isNormalized = isNormalized
    checkParameters()
  }

  /// Glorot-uniform input weights, a forget-gate bias of `forgetBias`, and other biases of 0.
  ///
  ///     let minLSTM = MinLSTM(3, [4, 4]) { MinLSTMCell($0, $1, forgetBias: 1, using: &generator) }
  public init(
    _ inputs: Int, _ hidden: Int, bias: Bool = true, forgetBias: Double = 0, isPositive: Bool = false,
    isNormalized: Bool = true, _ type: ElementType = .float32, using generator: inout Generator
  ) {
    let weights = gateWeights(3, "MinLSTMCell", inputs, hidden, .glorotUniform, .zeros, type, &generator)
    let blocks = [forgetBias, 0, 0].map { Tensor.full([hidden], $0, type) }
    self.init(
      inputWeight: weights.input, bias: bias ? Tensor.concatenate(blocks, axis: 0) : nil, isPositive: isPositive,
      isNormalized: isNormalized)
  }

  public var hiddenSize: Int { inputWeight.shape[1] / 3 }
  public var inputSize: Int? { inputWeight.shape[0] }

  public func checkParameters() {
    let check = ParameterCheck(Self.self, inputWeight: inputWeight, gates: 3)
    check("bias", bias, [3 * hiddenSize])
  }

  public mutating func visit(_ visitor: Visitor) {
    visitor("inputWeight", &inputWeight)
    visitor("bias", &bias)
  }

  public func project(_ x: Tensor) -> Tensor { bias.map { x.affine(inputWeight, bias: $0) } ?? x.matmul(inputWeight) }

  public func coefficients(_ projected: Tensor) -> (a: Tensor, b: Tensor) {
    let p = projected.chunks(3, axis: -1)
    let v = candidate(p[2], isPositive)
    if !isNormalized { return (p[0].sigmoid(), p[1].sigmoid() * v) }
    // f / (f + i) = σ(ln f − ln i), also where both are nearly 0.
    let balance = p[0].logSigmoid() - p[1].logSigmoid()
    return (balance.sigmoid(), (-balance).sigmoid() * v)
  }
}

/// LSTMs without recurrent weights, over sequences.
public typealias MinLSTM = Recurrent<MinLSTMCell>
