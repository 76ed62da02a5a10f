internal import UnrollArrays
internal import UnrollAutograd
public import UnrollNetworks

extension Module {
  /// Scales a gradient as a whole, in place, so that its global norm is at most a bound and its direction stays.
  ///
  /// g ← g · min(1, bound / (norm + epsilon)), norm = (Σ |g|ᵖ)^(1/p) over all parameters, p the order, which may be infinite.
  /// PyTorch's epsilon is 1e-6.
  ///
  ///     var slope = gradient(at: Linear(3, 4, using: &generator)) { $0(Tensor.ones([2, 3])).square().sum() }
  ///     let report = try slope.clip(norm: 5, whenNotFinite: .throwing)
  ///     print(report.norm, report.scale)
  @discardableResult
  public mutating func clip(
    norm bound: Double, order: Double = 2, epsilon: Double = 0, whenNotFinite policy: NonFinitePolicy
  ) throws(NonFiniteGradient) -> ClippingReport {
    let found = clippingReport(bound, order, epsilon)
    if found.norm.isFinite {
      scale(by: found.factors)
      return found
    }
    switch policy {
    case .throwing: throw NonFiniteGradient(report: found)
    case .propagate: return found
    case .zero:
      visitParameters { $1 = Tensor.zeros($1.shape, $1.type).frozen(as: $1) }
      return ClippingReport(norm: found.norm, scale: 0, worst: found.worst)
    }
  }

  /// A gradient whose global norm is at most a bound: scaled as a whole where it exceeds it, so that its direction stays. One
  /// whose norm is not finite stays as it is.
  ///
  ///     let layer = Linear(3, 4, using: &generator)
  ///     let slope = gradient(at: layer) { $0(Tensor.ones([2, 3])).square().sum() }.clipped(norm: 5)
  public func clipped(norm bound: Double, order: Double = 2, epsilon: Double = 0) -> Self {
    clippingReport(bound, order, epsilon).factors.reduce(self) { $0 * $1 }
  }

  /// A gradient whose every number is brought between −bound and bound; NaN stays.
  ///
  ///     let layer = Linear(3, 4, using: &generator)
  ///     let slope = gradient(at: layer) { $0(Tensor.ones([2, 3])).square().sum() }.clipped(value: 0.5)
  public func clipped(value bound: Double) -> Self {
    require(bound >= 0, "clipped: the bound \(bound) is not a number of at least 0")
    return mapping { $0.clipped(minimum: -bound, maximum: bound) }
  }

  private func clippingReport(_ bound: Double, _ order: Double, _ epsilon: Double) -> ClippingReport {
    require(bound >= 0, "clip: the bound \(bound) is not a number of at least 0")
    require(epsilon >= 0 && epsilon.isFinite, "clip: an epsilon of \(epsilon) is not a number of at least 0")
    let norms = norms(order: order)
    let norm = Self.norm(of: norms.map(\.norm), order: order)
    let largest = norms.max { $0.norm < $1.norm }
    let worst = norms.first { !$0.norm.isFinite } ?? (norm > 0 ? largest : nil)
    return ClippingReport(
      norm: norm, scale: norm > 0 && norm.isFinite ? min(1, bound / (norm + epsilon)) : 1, worst: worst?.name)
  }

  private mutating func scale(by factors: [Double]) {
    visitParameters { name, parameter in
      require(!parameter.isRecorded, "clip: the gradient of \(name) is recorded, so its numbers must stay; use clipped")
      for factor in factors { parameter.modifyArray { $0 *= factor } }
    }
  }
}

extension ClippingReport {
  /// The scale as factors: none where nothing is scaled, and two where float32 could not hold the one.
  fileprivate var factors: [Double] {
    if scale == 1 { return [] }
    if scale == 0 || scale >= 0x1p-126 { return [scale] }
    let root = Double(sign: .plus, exponent: scale.exponent / 2, significand: 1)
    return [root, scale / root]
  }
}
