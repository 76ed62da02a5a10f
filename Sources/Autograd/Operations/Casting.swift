public import UnrollArrays

/// The same numbers in another element type; cotangents return in the type that the inputs have.
struct Casting: LinearMap {
  let source: ElementType
  let target: ElementType
  var name: String { "cast" }
  func value(_ x: NDArray) -> NDArray { x.cast(to: target) }
  func transposed(_ g: Tensor, _ shape: Shape) -> Tensor { g.cast(to: source) }
}

extension Tensor {
  /// The same numbers, rounded where the type is the smaller one. Derivatives pass through as through any linear map, each in the
  /// type of its tensor: a float32 network can have a loss in float64.
  ///
  ///     let loss = x.cast(to: .float64).square().mean()
  public func cast(to type: ElementType) -> Tensor {
    self.type == type ? self : Casting(source: self.type, target: type)(self)
  }
}
