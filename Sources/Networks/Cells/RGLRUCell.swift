public import UnrollArrays
public import UnrollAutograd

/// The real-gated linear recurrent unit of Griffin. With u = x, or x·W where the numbers of features differ, and matrices R and G
/// that are block-diagonal:
///
/// ```text
/// r = σ(u·R + b_r)   i = σ(u·G + bᵢ)
/// a = σ(Λ)^(8 r)     h' = a h + √(1 − a²) (i u)
/// ```
public struct RGLRUCell: LinearCell {
  /// The memory is the output.
  public typealias State = HiddenState

  /// W, `[inputs, hidden]`; nil where inputs have as many features as the output.
  public var inputWeight: Tensor?
  /// R, `[heads, width, width]` with heads · width = hidden.
  public var recurrenceWeight: Tensor
  /// G, `[heads, width, width]`.
  public var gateWeight: Tensor
  /// b_r and bᵢ, `[2·hidden]`.
  public var bias: Tensor
  /// Λ, `[hidden]`: a is between σ(Λ)⁸ and 1.
  public var decay: Tensor

  /// A cell with the given weights.
  public init(inputWeight: Tensor? = nil, recurrenceWeight: Tensor, gateWeight: Tensor, bias: Tensor, decay: Tensor) {
    self.inputWeight = inputWeight
    self.recurrenceWeight = recurrenceWeight
    self.gateWeight = gateWeight
    self.bias = bias
    self.decay = decay
    checkParameters()
  }

  /// Glorot-uniform weights, biases of 0, and Λ such that σ(Λ)⁸, the least a, is uniform in 0.9..<0.999.
  ///
  ///     let rglru = RGLRU(4, [4, 4]) { RGLRUCell($0, $1, heads: 2, using: &generator) }
  public init(
    _ inputs: Int, _ hidden: Int, heads: Int = 1, _ type: ElementType = .float32, using generator: inout Generator
  ) {
    require(
      heads > 0 && hidden > 0 && hidden % heads == 0, "RGLRUCell: \(hidden) hidden features are not divided by \(heads) heads")
    let width = hidden / heads
    let input = gateWeights(1, "RGLRUCell", inputs, hidden, .glorotUniform, .zeros, type, &generator).input
    func blocks(_ generator: inout Generator) -> Tensor {
      Tensor.stack((0..<heads).map { _ in Initializer.glorotUniform([width, width], type, using: &generator) })
    }
    let least = Tensor.uniform([hidden], in: 0.9..<0.999, .float64, using: &generator)
    // σ(Λ)⁸ = l: Λ = ln l⅛ − ln (1 − l⅛).
    let log = least.log() / 8
    self.init(
      inputWeight: inputs == hidden ? nil : input, recurrenceWeight: blocks(&generator), gateWeight: blocks(&generator),
      bias: Tensor.zeros([2 * hidden], type), decay: (log - (-log.expMinusOne()).log()).cast(to: type))
  }

  public var hiddenSize: Int { decay.shape[0] }
  public var inputSize: Int? { inputWeight?.shape[0] ?? hiddenSize }

  public func checkParameters() {
    let check = ParameterCheck(Self.self, "decay", decay)
    check("decay", decay, axes: "[hidden]", 1)
    check("gateWeight", gateWeight, axes: "[heads, width, width]", 3)
    let (heads, width) = (gateWeight.shape[0], gateWeight.shape[1])
    require(
      heads > 0 && heads * width == hiddenSize,
      "RGLRUCell: \(heads) heads of \(width) features are not \(hiddenSize) hidden features")
    check("gateWeight", gateWeight, [heads, width, width])
    check("recurrenceWeight", recurrenceWeight, [heads, width, width])
    check("bias", bias, [2 * hiddenSize])
    if let inputWeight { check("inputWeight", inputWeight, rows: "inputs", columns: hiddenSize) }
  }

  public mutating func visit(_ visitor: Visitor) {
    visitor("inputWeight", &inputWeight)
    visitor("recurrenceWeight", &recurrenceWeight)
    visitor("gateWeight", &gateWeight)
    visitor("bias", &bias)
    visitor("decay", &decay)
  }

  public func project(_ x: Tensor) -> Tensor {
    let u = inputWeight.map { x.matmul($0) } ?? x
    let heads = u.chunks(gateWeight.shape[0], axis: -1)
    func product(_ weight: Tensor) -> [Tensor] { heads.enumerated().map { $1.matmul(weight[$0]) } }
    let gates = Tensor.concatenate(product(recurrenceWeight) + product(gateWeight), axis: -1) + bias
    return Tensor.concatenate([u, gates], axis: -1)
  }

  public func coefficients(_ projected: Tensor) -> (a: Tensor, b: Tensor) {
    let p = projected.chunks(3, axis: -1)
    let log = p[1].sigmoid() * (decay.logSigmoid() * 8)
    return (log.exp(), (-(log * 2).expMinusOne()).squareRoot() * (p[2].sigmoid() * p[0]))
  }
}

/// Real-gated linear recurrent units, over sequences.
public typealias RGLRU = Recurrent<RGLRUCell>
