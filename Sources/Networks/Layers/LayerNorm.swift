public import UnrollArrays
public import UnrollAutograd

/// The last axis brought to mean 0 and variance 1, then scaled and shifted: y = scale · (x − mean x) / √(variance x + ε) + shift.
///
/// `[..., features]` gives the same shape; the variance is the mean of squares. With a shape of several axes, the last axes of the input
/// are normalised together, as PyTorch's `normalized_shape` does: `[..., rows, columns]` with factors and shifts `[rows, columns]`.
///
///     let layer = LayerNorm(3)
///     let y = layer([[1, 2, 3], [10, 20, 30]])
///     let planes = LayerNorm([4, 5])(Tensor.ones([2, 4, 5]))  // one mean and one variance for each of two planes
public struct LayerNorm: Module {
  /// The factors, of the layer's shape, or none.
  public var scale: Tensor?
  /// What is added at the end, of the layer's shape, or none.
  public var shift: Tensor?
  /// The extents of the axes that are normalised together.
  public let shape: Shape
  /// How many numbers are normalised together.
  public var features: Int { shape.elementCount }
  /// ε, which keeps the root from zero.
  public let epsilon: Double

  /// Factors of 1 and shifts of 0, or neither.
  public init(
    _ features: Int, scale: Bool = true, shift: Bool = true, epsilon: Double = 1e-5, _ type: ElementType = .float32
  ) {
    require(features > 0, "LayerNorm: \(features) features make no layer")
    self.init([features], scale: scale, shift: shift, epsilon: epsilon, type)
  }

  /// A layer for the last axes of its input together, with factors of 1 and shifts of 0, or neither.
  ///
  ///     let layer = LayerNorm([4, 5], shift: false)
  public init(
    _ shape: Shape, scale: Bool = true, shift: Bool = true, epsilon: Double = 1e-5, _ type: ElementType = .float32
  ) {
    require(!shape.isEmpty && shape.allSatisfy { $0 > 0 }, "LayerNorm: axes of the extents \(shape) make no layer")
    require(epsilon >= 0 && epsilon.isFinite, "LayerNorm: an epsilon of \(epsilon) is not a finite number from 0 on")
    self.shape = shape
    self.epsilon = epsilon
    self.scale = scale ? Tensor.ones(shape, type) : nil
    self.shift = shift ? Tensor.zeros(shape, type) : nil
  }

  /// A layer of the given factors and shifts.
  public init(scale: Tensor, shift: Tensor? = nil, epsilon: Double = 1e-5) {
    require(
      scale.rank > 0 && (shift.map { $0.shape == scale.shape } ?? true),
      "LayerNorm: a scale of shape \(scale.shape) and a shift of shape \(shift?.shape ?? scale.shape) are not one number a feature"
    )
    self.init(scale.shape, scale: false, shift: false, epsilon: epsilon, scale.type)
    self.scale = scale
    self.shift = shift
  }

  public mutating func visit(_ visitor: Visitor) {
    visitor("scale", &scale)
    visitor("shift", &shift)
  }

  /// The input normalised, scaled and shifted.
  public func callAsFunction(_ x: Tensor) -> Tensor { normalized(x, adding: nil) }

  /// The input normalised, scaled and shifted by what the layer and others add.
  func normalized(_ x: Tensor, adding further: Tensor?) -> Tensor {
    let count = shape.count
    require(
      x.rank >= count && x.shape.suffix(count).elementsEqual(shape),
      "LayerNorm: an input of shape \(x.shape) does not "
        + (count == 1 ? "have \(features) features" : "end with axes of the extents \(shape)"))
    let added = sum(shift, further)
    if count == 1 { return x.layerNorm(scale: scale, shift: added, epsilon: epsilon) }
    // Side by side the axes are one.
    func row(_ parameter: Tensor?, _ name: String) -> Tensor? {
      parameter.map { parameter in
        require(
          parameter.shape == shape, "LayerNorm: a \(name) of shape \(parameter.shape) does not fit axes of the extents \(shape)"
        )
        return parameter.reshaped([features])
      }
    }
    return x.reshaped(Shape(x.shape.dropLast(count) + [features]))
      .layerNorm(scale: row(scale, "scale"), shift: row(added, "shift"), epsilon: epsilon).reshaped(x.shape)
  }
}
