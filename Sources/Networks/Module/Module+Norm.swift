internal import UnrollArrays
internal import UnrollAutograd

extension Module {
  /// The 2-norm of all parameters together, accumulated in float64.
  public var norm: Double { norm(order: 2) }

  /// The p-norm of all parameters together, (Σ |x|ᵖ)^(1/p), or the largest magnitude for an infinite order. It is accumulated
  /// in float64 and scaled, so that no power overflows or underflows.
  ///
  ///     let largest = Linear(3, 4, using: &generator).norm(order: .infinity)
  public func norm(order: Double) -> Double { Self.norm(of: norms(order: order).map(\.norm), order: order) }

  /// The p-norm of each parameter, in the order of `visit`.
  ///
  ///     for (name, norm) in Linear(3, 4, using: &generator).norms() { print(name, norm) }
  public func norms(order: Double = 2) -> [(name: String, norm: Double)] {
    require(order > 0, "norm: an order of \(order) is not above 0")
    return parameters.map { name, tensor in (name, Self.norm(tensor.array, order)) }
  }

  /// The norm of a model whose parameters have the given norms.
  package static func norm(of norms: [Double], order: Double) -> Double { norm(NDArray(norms), order) }

  private static func norm(_ array: NDArray, _ order: Double) -> Double {
    if array.count == 0 { return 0 }
    if order == 1 { return array.wholeNorm(.one) }
    if order == 2 { return array.wholeNorm(.two) }
    let array = array.cast(to: .float64)
    let largest = array.norm(order: .infinity).item
    if order == .infinity || largest == 0 || !largest.isFinite { return largest }
    return largest * (array.magnitude() / largest).pow(order).sum().pow(1 / order).item
  }
}
