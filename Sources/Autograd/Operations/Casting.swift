public import UnrollArrays

/// The same numbers in another element type. Cotangents return in the type of the input.
struct Casting: LinearMap {
  let source: ElementType
  let target: ElementType
  var name: String { "cast" }
  func value(_ x: NDArray) -> NDArray { x.cast(to: target) }
  func transposed(_ g: Tensor, _ shape: Shape) -> Tensor { g.cast(to: source) }
}

extension Tensor {
  /// The same numbers in another type, rounded if it is the smaller one. Derivatives pass as through any linear map, each in
  /// the type of its tensor: a float32 network can have a float64 loss.
  ///
  ///     let loss = x.cast(to: .float64).square().mean()
  public func cast(to type: ElementType) -> Tensor {
    self.type == type ? self : Casting(source: self.type, target: type)(self)
  }
}
