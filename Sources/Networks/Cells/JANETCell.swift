public import UnrollArrays
public import UnrollAutograd

/// JANET, an LSTM with only the forget gate, whose memory is its output. With a = x·W + h·U + b in two blocks f, n:
///
/// ```text
/// h' = σ(a_f) h + (1 − σ(a_f − β)) tanh(a_n)
/// ```
///
/// β, 1 by default, lets the cell keep more than it writes.
public struct JANETCell: StandardCell {
  package static let gateNames = ["f", "n"]

  /// W, `[inputs, 2·hidden]`.
  public var inputWeight: Tensor
  /// U, `[hidden, 2·hidden]`.
  public var recurrentWeight: Tensor
  /// b, `[2·hidden]`, or nil.
  public var bias: Tensor?
  /// β, by which the forget gate of what is written is less open.
  public var margin: Double

  /// A cell with the given weights.
  public init(inputWeight: Tensor, recurrentWeight: Tensor, bias: Tensor?, margin: Double = 1) {
    self.inputWeight = inputWeight
    self.recurrentWeight = recurrentWeight
    self.bias = bias
    self.margin = margin
    checkParameters()
  }

  /// Glorot-uniform input weights, orthogonal recurrent weights, a forget-gate bias of `forgetBias`, and other biases of 0.
  ///
  ///     let janet = JANET(3, [4, 4]) { JANETCell($0, $1, forgetBias: 2, using: &generator) }
  public init(
    _ inputs: Int, _ hidden: Int, bias: Bool = true, forgetBias: Double = 1, margin: Double = 1,
    _ type: ElementType = .float32, using generator: inout Generator
  ) {
    let weights = gateWeights(2, "JANETCell", inputs, hidden, .glorotUniform, .orthogonal(), type, &generator)
    let blocks = [forgetBias, 0].map { Tensor.full([hidden], $0, type) }
    self.init(
      inputWeight: weights.input, recurrentWeight: weights.recurrent, bias: bias ? Tensor.concatenate(blocks, axis: 0) : nil,
      margin: margin)
  }

  init(default inputs: Int, _ hidden: Int, bias: Bool, _ type: ElementType, _ generator: inout Generator) {
    self.init(inputs, hidden, bias: bias, forgetBias: 1, type, using: &generator)
  }

  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: HiddenState) -> HiddenState {
    let a = (projected + recurred).chunks(2, axis: -1)
    let (f, n) = (a[0].sigmoid(), a[1].tanh())
    return HiddenState(hidden: f * state.hidden + (margin - a[0]).sigmoid() * n)
  }
}

/// JANET layers, over sequences.
public typealias JANET = Recurrent<JANETCell>
