public import UnrollArrays
public import UnrollAutograd

/// A closed-form continuous-time cell, for steps at any distance in time. The last feature of its input is the gap Δt to the step
/// before; x are the others.
///
/// u is x·W + h·U + b, or what further layers make of it, each with the activation 1.7159 tanh(0.666 ·) before it. It has blocks
/// f, g, r, s, or f alone for the pure solution:
///
/// ```text
/// τ = σ(u_r Δt + u_s)
/// h' = (1 − τ) tanh(u_f) + τ tanh(u_g)              gated (the default)
/// h' = tanh(u_f) + τ tanh(u_g)                      ungated
/// h' = A − A exp(−Δt (|w| + |u_f|)) u_f             pure
/// ```
public struct CfCCell: AffineCell {
  /// How a step depends on the gap.
  public enum Form: Sendable {
    /// The gap opens a gate between two values.
    case gated
    /// The gap adds a second value.
    case ungated
    /// The solution of the differential equation, with the parameters w and A.
    case pure
  }

  /// W, `[inputs, units]`, without a row for the gap.
  public var inputWeight: Tensor
  /// U, `[hidden, units]`.
  public var recurrentWeight: Tensor
  /// b, `[units]`, or nil.
  public var bias: Tensor?
  /// Further layers up to u, `[units, …]`; if there are none, units are the blocks.
  public var layers: [Linear]
  /// w, `[hidden]`, of the pure form, else nil.
  public var rate: Tensor?
  /// A, `[hidden]`, of the pure form, else nil.
  public var amplitude: Tensor?
  /// How a step depends on the gap.
  public var form: Form

  /// A cell with the given weights.
  public init(
    inputWeight: Tensor, recurrentWeight: Tensor, bias: Tensor?, layers: [Linear] = [], form: Form = .gated,
    rate: Tensor? = nil, amplitude: Tensor? = nil
  ) {
    self.inputWeight = inputWeight
    self.recurrentWeight = recurrentWeight
    self.bias = bias
    self.layers = layers
    self.form = form
    self.rate = rate
    self.amplitude = amplitude
    checkParameters()
  }

  /// Glorot-uniform weights, biases of 0, w of 0 and A of 1. `inputs` includes the gap; `units` has the width of each layer before
  /// u.
  ///
  ///     let cfc = CfC(4, [5]) { CfCCell($0, $1, units: [8], using: &generator) }  // three features and the gap
  public init(
    _ inputs: Int, _ hidden: Int, units: [Int] = [], form: Form = .gated, _ type: ElementType = .float32,
    using generator: inout Generator
  ) {
    require(
      inputs > 1 && hidden > 0 && hidden <= Int.max / 4 && units.allSatisfy { $0 > 0 },
      "CfCCell: \(inputs) inputs with the gap, \(hidden) hidden features and layers of \(units) units do not make a cell")
    let widths = units + [CfCCell.blocks(form) * hidden]
    func weight(_ rows: Int, _ columns: Int, _ generator: inout Generator) -> Tensor {
      Initializer.glorotUniform([rows, columns], type, using: &generator)
    }
    let ones = Tensor.ones([hidden], type)
    self.init(
      inputWeight: weight(inputs - 1, widths[0], &generator), recurrentWeight: weight(hidden, widths[0], &generator),
      bias: Tensor.zeros([widths[0]], type),
      layers: zip(widths, widths.dropFirst()).map {
        Linear(weight: weight($0, $1, &generator), bias: Tensor.zeros([$1], type))
      },
      form: form, rate: form == .pure ? ones * 0 : nil, amplitude: form == .pure ? ones : nil)
  }

  private static func blocks(_ form: Form) -> Int { form == .pure ? 1 : 4 }

  public var inputSize: Int? { inputWeight.shape[0] + 1 }

  public func checkParameters() {
    let check = ParameterCheck(Self.self, "recurrentWeight", recurrentWeight)
    check("recurrentWeight", recurrentWeight, axes: "[hidden, units]", 2)
    let units = recurrentWeight.shape[1]
    check("inputWeight", inputWeight, rows: "inputs", columns: units)
    check("bias", bias, [units])
    var width = units
    for (i, layer) in layers.enumerated() {
      check("layers[\(i)].weight", layer.weight, axes: "[units, units]", 2)
      check("layers[\(i)].weight", layer.weight, [width, layer.weight.shape[1]])
      width = layer.weight.shape[1]
      check("layers[\(i)].bias", layer.bias, [width])
    }
    let wanted = CfCCell.blocks(form) * hiddenSize
    require(width == wanted, "CfCCell: the last layer has \(width) units, not \(wanted)")
    check("rate", rate, [hiddenSize])
    check("amplitude", amplitude, [hiddenSize])
    require(
      (rate != nil) == (form == .pure) && (amplitude != nil) == (form == .pure),
      "CfCCell: the pure form, and no other, has a rate and an amplitude")
  }

  public mutating func visit(_ visitor: Visitor) {
    visitor("inputWeight", &inputWeight)
    visitor("recurrentWeight", &recurrentWeight)
    visitor("bias", &bias)
    visitor("layers", &layers)
    visitor("rate", &rate)
    visitor("amplitude", &amplitude)
  }

  public func project(_ x: Tensor) -> Tensor {
    let parts = x.split([inputWeight.shape[0], 1], axis: -1)
    let product = parts[0].matmul(inputWeight)
    return Tensor.concatenate([bias.map { product + $0 } ?? product, parts[1]], axis: -1)
  }

  public func step(_ projected: Tensor, _ recurred: Tensor, _ state: HiddenState) -> HiddenState {
    let parts = projected.split([recurrentWeight.shape[1], 1], axis: -1)
    let (gap, first) = (parts[1], parts[0] + recurred)
    let u = layers.reduce(first) { $1(($0 * 0.666).tanh() * 1.7159) }
    if form == .pure, let rate, let amplitude {
      let fade = (-gap * (rate.magnitude() + u.magnitude())).exp()
      return HiddenState(hidden: amplitude - amplitude * fade * u)
    }
    let blocks = u.chunks(4, axis: -1)
    let (f, g) = (blocks[0].tanh(), blocks[1].tanh())
    let opening = (blocks[2] * gap + blocks[3]).sigmoid()
    return HiddenState(hidden: form == .gated ? f + opening * (g - f) : f + opening * g)
  }
}

/// Closed-form continuous-time networks, over sequences.
public typealias CfC = Recurrent<CfCCell>
