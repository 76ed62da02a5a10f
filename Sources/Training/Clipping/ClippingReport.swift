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
