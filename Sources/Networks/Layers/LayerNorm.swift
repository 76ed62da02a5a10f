public import UnrollArrays
public import UnrollAutograd

/// Normalises the last axis to mean 0 and variance 1, then scales and shifts it: y = scale · (x − mean x) / √(variance x + ε) +
/// shift.
///
/// `[..., features]` gives the same shape; the variance is the biased one (divided by the count). With a shape of several axes,
/// the last axes of the input are normalised together, as in PyTorch's `normalized_shape`: `[..., rows, columns]` with scale
/// and shift `[rows, columns]`.
///
///     let layer = LayerNorm(3)
///     let y = layer([[1, 2, 3], [10, 20, 30]])
///     let planes = LayerNorm([4, 5])(Tensor.ones([2, 4, 5]))  // one mean and one variance for each of two planes
public struct LayerNorm: Module {
  /// The scale, of the layer's shape, or nil.
  public var scale: Tensor?
  /// The shift, of the layer's shape, or nil.
  public var shift: Tensor?
  /// The extents of the axes that are normalised together.
  public let shape: Shape
  /// The number of elements that are normalised together.
  public var features: Int { shape.elementCount }
  /// ε, which keeps the square root away from zero.
  public let epsilon: Double

  /// A scale of 1 and a shift of 0, or neither.
  public init(
    _ features: Int, scale: Bool = true, shift: Bool = true, epsilon: Double = 1e-5, _ type: ElementType = .float32
  ) {
    require(features > 0, "LayerNorm: \(features) features do not make a layer")
    self.init([features], scale: scale, shift: shift, epsilon: epsilon, type)
  }

  /// A layer that normalises several last axes together, with a scale of 1 and a shift of 0, or neither.
  ///
  ///     let layer = LayerNorm([4, 5], shift: false)
  public init(
    _ shape: Shape, scale: Bool = true, shift: Bool = true, epsilon: Double = 1e-5, _ type: ElementType = .float32
  ) {
    require(!shape.isEmpty && shape.allSatisfy { $0 > 0 }, "LayerNorm: axes of extents \(shape) do not make a layer")
    require(epsilon >= 0 && epsilon.isFinite, "LayerNorm: an epsilon of \(epsilon) is negative or not finite")
    self.shape = shape
    self.epsilon = epsilon
    self.scale = scale ? Tensor.ones(shape, type) : nil
    self.shift = shift ? Tensor.zeros(shape, type) : nil
  }

  /// A layer with the given scale and shift.
  public init(scale: Tensor, shift: Tensor? = nil, epsilon: Double = 1e-5) {
    require(
      scale.rank > 0 && (shift.map { $0.shape == scale.shape } ?? true),
      "LayerNorm: a scale of shape \(scale.shape) and a shift of shape \(shift?.shape ?? scale.shape) do not fit the features"
    )
    self.init(scale.shape, scale: false, shift: false, epsilon: epsilon, scale.type)
    self.scale = scale
    self.shift = shift
  }

  public mutating func visit(_ visitor: Visitor) {
    visitor("scale", &scale)
    visitor("shift", &shift)
  }

  /// The input, normalised, scaled and shifted.
  public func callAsFunction(_ x: Tensor) -> Tensor { normalized(x, adding: nil) }

  /// The input, normalised, scaled and shifted by the sum of the layer's shift and `further`.
  func normalized(_ x: Tensor, adding further: Tensor?) -> Tensor {
    let count = shape.count
    require(
      x.rank >= count && x.shape.suffix(count).elementsEqual(shape),
      "LayerNorm: an input of shape \(x.shape) does not "
        + (count == 1 ? "have \(features) features" : "end with axes of extents \(shape)"))
    let added = sum(shift, further)
    if count == 1 { return x.layerNorm(scale: scale, shift: added, epsilon: epsilon) }
    // Flattened, the axes are one.
    func row(_ parameter: Tensor?, _ name: String) -> Tensor? {
      parameter.map { parameter in
        require(
          parameter.shape == shape, "LayerNorm: a \(name) of shape \(parameter.shape) does not fit axes of extents \(shape)"
        )
        return parameter.reshaped([features])
      }
    }
    return x.reshaped(Shape(x.shape.dropLast(count) + [features]))
      .layerNorm(scale: row(scale, "scale"), shift: row(added, "shift"), epsilon: epsilon).reshaped(x.shape)
  }
}
