public import UnrollArrays
public import UnrollAutograd

/// The LSTM with a matrix as memory, in its recurrent form. Each head stores values v under keys k and reads with a query q; with
/// (q, k, v, o) = x·W + b, k divided by the root of its width before the bias is added, and (i, f) = x·V + d, one number per head:
///
/// ```text
/// ln f = ln σ(f), or f               m' = max(ln f + m, i)
/// f' = exp(ln f + m − m')            i' = exp(i − m')
/// C' = f' C + i' v kᵀ                n' = f' n + i' k
/// h' = σ(o) C' q / (max(|n'·q|, exp(−m')) + ε)
/// ```
///
/// The steps of an input do not depend on each other's output. They run one after the other, operation by operation: all memories
/// of a sequence together would take much more memory than its outputs.
public struct MLSTMCell: RecurrentCell {
  /// W, `[inputs, 4·hidden]`, blocks q, k, v, o; the heads of a block lie side by side.
  public var inputWeight: Tensor
  /// V, `[inputs, 2·heads]`, blocks i, f.
  public var gateWeight: Tensor
  /// b, `[4·hidden]`.
  public var bias: Tensor
  /// d, `[2·heads]`.
  public var gateBias: Tensor
  /// The function of the forget gate.
  public var forget: SLSTMCell.Forget
  /// ε.
  public var epsilon: Double

  /// A cell with the given weights.
  public init(
    inputWeight: Tensor, gateWeight: Tensor, bias: Tensor, gateBias: Tensor, forget: SLSTMCell.Forget = .sigmoid,
    epsilon: Double = 0
  ) {
    self.inputWeight = inputWeight
    self.gateWeight = gateWeight
    self.bias = bias
    self.gateBias = gateBias
    self.forget = forget
    self.epsilon = epsilon
    checkParameters()
  }

  /// Glorot-uniform weights, a forget-gate bias of `forgetBias`, and other biases of 0.
  ///
  ///     let mlstm = MLSTM(3, [4, 4]) { MLSTMCell($0, $1, heads: 2, using: &generator) }
  public init(
    _ inputs: Int, _ hidden: Int, heads: Int = 1, forget: SLSTMCell.Forget = .sigmoid, forgetBias: Double = 3,
    _ type: ElementType = .float32, using generator: inout Generator
  ) {
    _ = headWidth("MLSTMCell", hidden, heads)
    let input = gateWeights(4, "MLSTMCell", inputs, hidden, .glorotUniform, .zeros, type, &generator).input
    self.init(
      inputWeight: input, gateWeight: Initializer.glorotUniform([inputs, 2 * heads], type, using: &generator),
      bias: Tensor.zeros([4 * hidden], type),
      gateBias: Tensor.concatenate([0, forgetBias].map { Tensor.full([heads], $0, type) }, axis: 0), forget: forget)
  }

  public var hiddenSize: Int { inputWeight.shape[1] / 4 }
  public var inputSize: Int? { inputWeight.shape[0] }
  private var heads: Int { gateWeight.shape[1] / 2 }

  public func checkParameters() {
    let check = ParameterCheck(Self.self, inputWeight: inputWeight, gates: 4)
    check("gateWeight", gateWeight, axes: "[inputs, 2·heads]", 2)
    check("gateWeight", gateWeight, [inputWeight.shape[0], 2 * heads])
    _ = headWidth("MLSTMCell", hiddenSize, heads)
    check("bias", bias, [4 * hiddenSize])
    check("gateBias", gateBias, [2 * heads])
  }

  public mutating func visit(_ visitor: Visitor) {
    visitor("inputWeight", &inputWeight)
    visitor("gateWeight", &gateWeight)
    visitor("bias", &bias)
    visitor("gateBias", &gateBias)
  }

  public func project(_ x: Tensor) -> Tensor {
    Tensor.concatenate([x.matmul(inputWeight), x.affine(gateWeight, bias: gateBias)], axis: -1)
  }

  public func recur(_ hidden: Tensor) -> Tensor { hidden }

  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: StabilizedState) -> StabilizedState {
    let (batch, width) = (projected.shape[0], hiddenSize / heads)
    let blocks = projected.split(Array(repeating: hiddenSize, count: 4) + [heads, heads], axis: -1)
    let biases = bias.chunks(4, axis: 0)
    let (row, column): (Shape, Shape) = ([batch, heads, 1, width], [batch, heads, width, 1])
    let q = (blocks[0] + biases[0]).reshaped(column)
    let k = (blocks[1] * (1 / Double(width).squareRoot()) + biases[1]).reshaped(row)
    let v = (blocks[2] + biases[2]).reshaped(column)
    let gates = StabilizedGates(blocks[4], forget == .sigmoid ? blocks[5].logSigmoid() : blocks[5], state.stabilizer)
    let (keep, write) = (gates.keep.reshaped([batch, heads, 1, 1]), gates.write.reshaped([batch, heads, 1, 1]))
    let memory = keep * state.cell.reshaped([batch, heads, width, width]) + write * v * k
    let normalizer = keep * state.normalizer.reshaped(row) + write * k
    let size = normalizer.matmul(q).magnitude().maximum((-gates.stabilizer).exp().reshaped([batch, heads, 1, 1]))
    let read = (memory.matmul(q) / (size + epsilon)).reshaped([batch, hiddenSize])
    return StabilizedState(
      hidden: (blocks[3] + biases[3]).sigmoid() * read, cell: memory.reshaped(state.cell.shape),
      normalizer: normalizer.reshaped(state.normalizer.shape), stabilizer: gates.stabilizer)
  }

  /// Zeros; the memory is `[batch, heads·width·width]`, the stabilizer −∞ of `[batch, heads]`.
  public func initialState(batch: Int, _ type: ElementType) -> StabilizedState {
    let zeros = Tensor.zeros([batch, hiddenSize], type)
    return StabilizedState(
      hidden: zeros, cell: Tensor.zeros([batch, hiddenSize * (hiddenSize / heads)], type), normalizer: zeros,
      stabilizer: Tensor.full([batch, heads], -.infinity, type))
  }
}

/// LSTMs with a matrix as memory, over sequences.
public typealias MLSTM = Recurrent<MLSTMCell>
