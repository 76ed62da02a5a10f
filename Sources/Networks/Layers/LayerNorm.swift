public import UnrollArrays
public import UnrollAutograd

/// The last axis brought to mean 0 and variance 1, then scaled and shifted: y = scale · (x − mean x) / √(variance x + ε) + shift.
///
/// `[..., features]` gives the same shape; the variance is the mean of squares.
///
///     let layer = LayerNorm(3)
///     let y = layer([[1, 2, 3], [10, 20, 30]])
public struct LayerNorm: Module {
  /// The factors, `[features]`, or none.
  public var scale: Tensor?
  /// What is added at the end, `[features]`, or none.
  public var shift: Tensor?
  /// The extent of the last axis.
  public let features: Int
  /// ε, which keeps the root from zero.
  public let epsilon: Double

  /// Factors of 1 and shifts of 0, or neither.
  public init(
    _ features: Int, scale: Bool = true, shift: Bool = true, epsilon: Double = 1e-5, _ type: ElementType = .float32
  ) {
    require(features > 0, "LayerNorm: \(features) features make no layer")
    require(epsilon >= 0 && epsilon.isFinite, "LayerNorm: an epsilon of \(epsilon) is not a finite number from 0 on")
    self.features = features
    self.epsilon = epsilon
    self.scale = scale ? Tensor.ones([features], type) : nil
    self.shift = shift ? Tensor.zeros([features], type) : nil
  }

  /// A layer of the given factors and shifts.
  public init(scale: Tensor, shift: Tensor? = nil, epsilon: Double = 1e-5) {
    require(
      scale.rank == 1 && (shift.map { $0.shape == scale.shape } ?? true),
      "LayerNorm: a scale of shape \(scale.shape) and a shift of shape \(shift?.shape ?? scale.shape) are not one number a feature"
    )
    self.init(scale.count, scale: false, shift: false, epsilon: epsilon, scale.type)
    self.scale = scale
    self.shift = shift
  }

  public mutating func visit(_ visitor: Visitor) {
    visitor("scale", &scale)
    visitor("shift", &shift)
  }

  /// The input normalised, scaled and shifted.
  public func callAsFunction(_ x: Tensor) -> Tensor { normalized(x, adding: nil) }

  /// The input normalised, scaled and shifted by what the layer and others add, `[features]`.
  func normalized(_ x: Tensor, adding further: Tensor?) -> Tensor {
    require(
      x.rank > 0 && x.shape[x.rank - 1] == features,
      "LayerNorm: an input of shape \(x.shape) does not have \(features) features")
    return x.layerNorm(scale: scale, shift: sum(shift, further), epsilon: epsilon)
  }
}
