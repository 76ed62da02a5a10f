internal import UnrollArrays
internal import UnrollAutograd
public import UnrollNetworks

extension Module {
  /// Scales a gradient in place so that its global norm is at most `bound`; its direction does not change.
  ///
  /// g ← g · min(1, bound / (norm + epsilon)) with norm = (Σ |g|ᵖ)^(1/p) over all parameters, where p is the order, which may
  /// be infinite. PyTorch's epsilon is 1e-6.
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

  /// The gradient, scaled so that its global norm is at most `bound`; its direction does not change. If the norm is not finite,
  /// the gradient is returned unchanged.
  ///
  ///     let layer = Linear(3, 4, using: &generator)
  ///     let slope = gradient(at: layer) { $0(Tensor.ones([2, 3])).square().sum() }.clipped(norm: 5)
  public func clipped(norm bound: Double, order: Double = 2, epsilon: Double = 0) -> Self {
    clippingReport(bound, order, epsilon).factors.reduce(self) { $0 * $1 }
  }

  /// The gradient with every element clipped to −bound...bound; NaN stays NaN.
  ///
  ///     let layer = Linear(3, 4, using: &generator)
  ///     let slope = gradient(at: layer) { $0(Tensor.ones([2, 3])).square().sum() }.clipped(value: 0.5)
  public func clipped(value bound: Double) -> Self {
    require(bound >= 0, "clipped: the bound \(bound) is not at least 0")
    return mapping { $0.clipped(minimum: -bound, maximum: bound) }
  }

  private func clippingReport(_ bound: Double, _ order: Double, _ epsilon: Double) -> ClippingReport {
    require(bound >= 0, "clip: the bound \(bound) is not at least 0")
    require(epsilon >= 0 && epsilon.isFinite, "clip: an epsilon of \(epsilon) is negative or not finite")
    let norms = norms(order: order)
    let norm = Self.norm(of: norms.map(\.norm), order: order)
    let largest = norms.max { $0.norm < $1.norm }
    let worst = norms.first { !$0.norm.isFinite } ?? (norm > 0 ? largest : nil)
    return ClippingReport(
      norm: norm, scale: norm > 0 && norm.isFinite ? min(1, bound / (norm + epsilon)) : 1, worst: worst?.name)
  }

  private mutating func scale(by factors: [Double]) {
    visitParameters { name, parameter in
      require(!parameter.isRecorded, "clip: the gradient of \(name) is recorded and cannot change in place; use clipped")
      for factor in factors { parameter.modifyArray { $0 *= factor } }
    }
  }
}

extension ClippingReport {
  /// The scale as a list of factors: empty if it is 1, and two factors if float32 cannot represent it as a normal number.
  fileprivate var factors: [Double] {
    if scale == 1 { return [] }
    if scale == 0 || scale >= 0x1p-126 { return [scale] }
    let root = Double(sign: .plus, exponent: scale.exponent / 2, significand: 1)
    return [root, scale / root]
  }
}

/// The result of clipping a gradient.
public struct ClippingReport: Sendable, Equatable, CustomStringConvertible {
  /// The gradient's norm before clipping.
  public let norm: Double
  /// The factor that the gradient was multiplied by; 1 if it was not clipped.
  public let scale: Double
  /// The name of the parameter with the largest share of the norm, or of the first parameter whose share is not finite; nil if
  /// the gradient is 0.
  public let worst: String?

  package init(norm: Double, scale: Double, worst: String?) {
    self.norm = norm
    self.scale = scale
    self.worst = worst
  }

  /// The report in one line.
  public var description: String {
    "norm \(norm), scaled by \(scale)" + (worst.map { "; the largest part is that of \($0)" } ?? "")
  }
}

/// What clipping does if the norm is infinite or NaN, so that no factor can scale the gradient to the bound.
public enum NonFinitePolicy: Sendable {
  /// Throws `NonFiniteGradient` and does not change the gradient.
  case throwing
  /// Sets the gradient to 0.
  case zero
  /// Does not change the gradient.
  case propagate
}

/// The error of a gradient whose norm is infinite or NaN.
public struct NonFiniteGradient: Error, Equatable, CustomStringConvertible {
  /// The norm, and the parameter responsible.
  public let report: ClippingReport

  package init(report: ClippingReport) { self.report = report }

  /// A sentence with the norm and the name of the parameter.
  public var description: String {
    "the gradient's norm is \(report.norm)" + (report.worst.map { ", because of \($0)" } ?? "")
  }
}
