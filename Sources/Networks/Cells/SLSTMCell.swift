public import UnrollArrays
public import UnrollAutograd

/// The LSTM with exponential gates and a normaliser, whose memory can be revised at any time. With a = x·W + h·R + b in blocks
/// i, f, z, o, where R connects only the features of one head:
///
/// ```text
/// ln f = ln σ(a_f), or a_f           m' = max(ln f + m, aᵢ)
/// f' = exp(ln f + m − m')            i' = exp(aᵢ − m')
/// c' = f' c + i' tanh(a_z)           n' = f' n + i'            h' = σ(aₒ) c' / n'
/// ```
///
/// m keeps the exponentials in range, and the output does not depend on it. It starts at −∞: before the first step there is no
/// memory.
public struct SLSTMCell: RecurrentCell {
  /// The function of the forget gate.
  public enum Forget: Sendable {
    /// f = σ(a_f).
    case sigmoid
    /// f = exp(a_f).
    case exponential
  }

  /// W, `[inputs, 4·hidden]`.
  public var inputWeight: Tensor
  /// R, `[heads, width, 4·width]`, with heads · width = hidden.
  public var recurrentWeight: Tensor
  /// b, `[4·hidden]`.
  public var bias: Tensor
  /// The function of the forget gate.
  public var forget: Forget

  /// A cell with the given weights.
  public init(inputWeight: Tensor, recurrentWeight: Tensor, bias: Tensor, forget: Forget = .sigmoid) {
    self.inputWeight = inputWeight
    self.recurrentWeight = recurrentWeight
    self.bias = bias
    self.forget = forget
    checkParameters()
  }

  /// Glorot-uniform input weights, orthogonal recurrent weights, a forget-gate bias of `forgetBias`, and other biases of 0.
  ///
  ///     let slstm = SLSTM(3, [4, 4]) { SLSTMCell($0, $1, heads: 2, using: &generator) }
  public init(
    _ inputs: Int, _ hidden: Int, heads: Int = 1, forget: Forget = .sigmoid, forgetBias: Double = 3,
    _ type: ElementType = .float32, using generator: inout Generator
  ) {
    let width = headWidth("SLSTMCell", hidden, heads)
    let input = gateWeights(4, "SLSTMCell", inputs, hidden, .glorotUniform, .zeros, type, &generator).input
    let square = Initializer.perGate(4, .orthogonal())
    self.init(
      inputWeight: input,
      recurrentWeight: Tensor.stack((0..<heads).map { _ in square([width, 4 * width], type, using: &generator) }),
      bias: Tensor.concatenate([0, forgetBias, 0, 0].map { Tensor.full([hidden], $0, type) }, axis: 0), forget: forget)
  }

  public var hiddenSize: Int { recurrentWeight.shape[0] * recurrentWeight.shape[1] }
  public var inputSize: Int? { inputWeight.shape[0] }

  public func checkParameters() {
    let check = ParameterCheck(Self.self, "recurrentWeight", recurrentWeight)
    check("recurrentWeight", recurrentWeight, axes: "[heads, width, 4·width]", 3)
    let (heads, width) = (recurrentWeight.shape[0], recurrentWeight.shape[1])
    check("recurrentWeight", recurrentWeight, [heads, width, 4 * width])
    check("inputWeight", inputWeight, rows: "inputs", columns: 4 * hiddenSize)
    check("bias", bias, [4 * hiddenSize])
  }

  public mutating func visit(_ visitor: Visitor) {
    visitor("inputWeight", &inputWeight)
    visitor("recurrentWeight", &recurrentWeight)
    visitor("bias", &bias)
  }

  public func project(_ x: Tensor) -> Tensor { x.affine(inputWeight, bias: bias) }

  public func recur(_ hidden: Tensor) -> Tensor {
    let heads = recurrentWeight.shape[0]
    if heads == 1 { return hidden.matmul(recurrentWeight[0]) }
    let products = hidden.chunks(heads, axis: -1).enumerated().map { $1.matmul(recurrentWeight[$0]).chunks(4, axis: -1) }
    return Tensor.concatenate((0..<4).flatMap { gate in products.map { $0[gate] } }, axis: -1)
  }

  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: StabilizedState) -> StabilizedState {
    let a = (projected + recurred).chunks(4, axis: -1)
    let gates = StabilizedGates(a[0], forget == .sigmoid ? a[1].logSigmoid() : a[1], state.stabilizer)
    let cell = gates.keep * state.cell + gates.write * a[2].tanh()
    let normalizer = gates.keep * state.normalizer + gates.write
    return StabilizedState(
      hidden: a[3].sigmoid() * (cell / normalizer), cell: cell, normalizer: normalizer, stabilizer: gates.stabilizer)
  }

  public func initialState(batch: Int, _ type: ElementType) -> StabilizedState {
    let zeros = Tensor.zeros([batch, hiddenSize], type)
    return StabilizedState(
      hidden: zeros, cell: zeros, normalizer: zeros, stabilizer: Tensor.full([batch, hiddenSize], -.infinity, type))
  }
}

/// The width of each head.
func headWidth(_ name: String, _ hidden: Int, _ heads: Int) -> Int {
  require(
    heads > 0 && hidden > 0 && hidden % heads == 0, "\(name): \(hidden) hidden features are not divided by \(heads) heads")
  return hidden / heads
}

/// Exponential gates, divided by exp m'.
struct StabilizedGates {
  /// m'.
  let stabilizer: Tensor
  /// f'.
  let keep: Tensor
  /// i'.
  let write: Tensor

  init(_ logWrite: Tensor, _ logKeep: Tensor, _ stabilizer: Tensor) {
    let kept = logKeep + stabilizer
    // The larger of both, as arithmetic that can be traced.
    let largest = logWrite + (kept - logWrite).relu()
    (self.stabilizer, keep, write) = (largest, (kept - largest).exp(), (logWrite - largest).exp())
  }
}

/// The state of a cell with exponential gates.
public struct StabilizedState: RecurrentState {
  /// h, the output, `[batch, hidden]`.
  public var hidden: Tensor
  /// c, the memory divided by exp m.
  public var cell: Tensor
  /// n, the normaliser divided by exp m, `[batch, hidden]`.
  public var normalizer: Tensor
  /// m, the logarithm of the largest gate so far; −∞ before the first step.
  public var stabilizer: Tensor

  /// A state with the given tensors.
  public init(hidden: Tensor, cell: Tensor, normalizer: Tensor, stabilizer: Tensor) {
    self.hidden = hidden
    self.cell = cell
    self.normalizer = normalizer
    self.stabilizer = stabilizer
  }

  public mutating func visitTensors(_ visit: (inout Tensor) -> Void) {
    visit(&hidden)
    visit(&cell)
    visit(&normalizer)
    visit(&stabilizer)
  }
}

/// LSTMs with exponential gates, over sequences.
public typealias SLSTM = Recurrent<SLSTMCell>
