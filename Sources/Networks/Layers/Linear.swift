public import UnrollArrays
public import UnrollAutograd

/// An affine map of the last axis: y = x·W + b.
///
/// `[..., inputs]` gives `[..., outputs]`. The weights have the shape `[inputs, outputs]`.
///
///     var generator = Generator(seed: 1)
///     let layer = Linear(3, 4, using: &generator)
///     let y = layer(Tensor.ones([2, 3]))
public struct Linear: Module {
  /// W, `[inputs, outputs]`.
  public var weight: Tensor
  /// b, `[outputs]`, or nil.
  public var bias: Tensor?

  /// A layer with the given weights.
  public init(weight: Tensor, bias: Tensor?) {
    require(weight.rank == 2, "Linear: weights of shape \(weight.shape) are not a matrix")
    if let bias {
      require(
        bias.shape == [weight.shape[1]], "Linear: a bias of shape \(bias.shape) does not fit \(weight.shape[1]) outputs")
    }
    self.weight = weight
    self.bias = bias
  }

  /// Weights and biases uniform in ±1/√inputs.
  public init(
    _ inputs: Int, _ outputs: Int, bias: Bool = true, _ type: ElementType = .float32, using generator: inout Generator
  ) {
    require(inputs > 0 && outputs > 0, "Linear: \(inputs) inputs and \(outputs) outputs do not make a layer")
    let bound = 1 / Double(inputs).squareRoot()
    self.init(
      weight: Tensor.uniform([inputs, outputs], in: -bound..<bound, type, using: &generator),
      bias: bias ? Tensor.uniform([outputs], in: -bound..<bound, type, using: &generator) : nil)
  }

  public mutating func visit(_ visitor: Visitor) {
    visitor("weight", &weight)
    visitor("bias", &bias)
  }

  /// x·W + b.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    require(
      x.rank > 0 && x.shape[x.rank - 1] == weight.shape[0],
      "Linear: an input of shape \(x.shape) does not have \(weight.shape[0]) features")
    return bias.map { x.affine(weight, bias: $0) } ?? x.matmul(weight)
  }
}
