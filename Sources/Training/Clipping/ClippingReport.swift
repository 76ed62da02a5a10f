/// What clipping found and did.
public struct ClippingReport: Sendable, Equatable, CustomStringConvertible {
  /// The gradient's norm before.
  public let norm: Double
  /// What the gradient was multiplied by; 1 where it was short enough.
  public let scale: Double
  /// The name of the parameter that has the largest part of the norm, or else the first whose part is not finite; nil where the
  /// gradient is 0.
  public let worst: String?

  package init(norm: Double, scale: Double, worst: String?) {
    self.norm = norm
    self.scale = scale
    self.worst = worst
  }

  /// One line.
  public var description: String {
    "norm \(norm), scaled by \(scale)" + (worst.map { "; the largest part is that of \($0)" } ?? "")
  }
}

/// What clipping does where the norm is infinite or NaN, so that no factor would give the gradient the length asked for.
public enum NonFinitePolicy: Sendable {
  /// Throws `NonFiniteGradient` and leaves the gradient as it is.
  case throwing
  /// Makes the gradient 0.
  case zero
  /// Leaves the gradient as it is.
  case propagate
}

/// The norm of a gradient is infinite or NaN.
public struct NonFiniteGradient: Error, Equatable, CustomStringConvertible {
  /// What was found.
  public let report: ClippingReport

  package init(report: ClippingReport) { self.report = report }

  /// A sentence with the norm and the name of a parameter.
  public var description: String {
    "the gradient's norm is \(report.norm)" + (report.worst.map { ", because of \($0)" } ?? "")
  }
}
