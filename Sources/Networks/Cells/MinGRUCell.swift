public import UnrollArrays
public import UnrollAutograd

/// A GRU without recurrent weights, so that its recurrence is linear. With a = x·W + b in two blocks z, n:
///
/// ```text
/// z = σ(a_z)   h' = (1 − z) h + z f(a_n)
/// ```
///
/// f is the identity, or g(v) = v + ½ for v ≥ 0 and σ(v) below, which keeps a positive state positive. With it, this is what the
/// paper computes with logarithms.
public struct MinGRUCell: LinearCell {
  /// The memory is the output.
  public typealias State = HiddenState

  /// W, `[inputs, 2·hidden]`.
  public var inputWeight: Tensor
  /// b, `[2·hidden]`, or nil.
  public var bias: Tensor?
  /// Whether f is g.
  public var isPositive: Bool

  /// A cell with the given weights.
  public init(inputWeight: Tensor, bias: Tensor?, isPositive: Bool = false) {
    self.inputWeight = inputWeight
    self.bias = bias
    self.isPositive = isPositive
    checkParameters()
  }

  /// Glorot-uniform input weights and a bias of 0.
  ///
  ///     let minGRU = MinGRU(3, [4, 4]) { MinGRUCell($0, $1, using: &generator) }
  public init(
    _ inputs: Int, _ hidden: Int, bias: Bool = true, isPositive: Bool = false, _ type: ElementType = .float32,
    using generator: inout Generator
  ) {
    let weights = gateWeights(2, "MinGRUCell", inputs, hidden, .glorotUniform, .zeros, type, &generator)
    self.init(
      inputWeight: weights.input, bias: bias ? Tensor.zeros([2 * hidden], type) : nil, isPositive: isPositive)
  }

  public var hiddenSize: Int { inputWeight.shape[1] / 2 }
  public var inputSize: Int? { inputWeight.shape[0] }

  public func checkParameters() {
    let check = ParameterCheck(Self.self, inputWeight: inputWeight, gates: 2)
    check("bias", bias, [2 * hiddenSize])
  }

  public mutating func visit(_ visitor: Visitor) {
    visitor("inputWeight", &inputWeight)
    visitor("bias", &bias)
  }

  public func project(_ x: Tensor) -> Tensor { bias.map { x.affine(inputWeight, bias: $0) } ?? x.matmul(inputWeight) }

  public func coefficients(_ projected: Tensor) -> (a: Tensor, b: Tensor) {
    let p = projected.chunks(2, axis: -1)
    return ((-p[0]).sigmoid(), p[0].sigmoid() * candidate(p[1], isPositive))
  }
}

/// v, or g(v) = v + ½ for v ≥ 0 and σ(v) below.
func candidate(_ v: Tensor, _ isPositive: Bool) -> Tensor {
  isPositive ? v.relu() + v.clipped(maximum: 0).sigmoid() : v
}

/// GRUs without recurrent weights, over sequences.
public typealias MinGRU = Recurrent<MinGRUCell>
