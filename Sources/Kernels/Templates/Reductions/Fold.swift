/// A reduction: it maps each element and combines the results in any grouping.
///
/// `parameter` belongs to the result that an element contributes to: the centre of a variance, the scale of a norm.
public protocol Fold: SendableMetatype {
  /// The neutral element of `combine`, and the result of a reduction without elements.
  static var identity: Double { get }
  static func map<V: Vector>(_ x: V, _ parameter: V) -> V
  static func combine<V: Vector>(_ a: V, _ b: V) -> V
  static func combine<S: KernelScalar>(scalars a: S, _ b: S) -> S
}

extension Fold {
  @inlinable @inline(__always)
  public static func map<V: Vector>(_ x: V, _ parameter: V) -> V { x }
}

/// A fold that adds.
public protocol Additive: Fold {}

extension Additive {
  @inlinable @inline(__always)
  public static var identity: Double { 0 }
  @inlinable @inline(__always)
  public static func combine<V: Vector>(_ a: V, _ b: V) -> V { a + b }
  @inlinable @inline(__always)
  public static func combine<S: KernelScalar>(scalars a: S, _ b: S) -> S { a + b }
}

/// Σ x
public enum Sum: Additive {}

/// Σ |x|
public enum SumOfMagnitudes: Additive {
  @inlinable @inline(__always)
  public static func map<V: Vector>(_ x: V, _ parameter: V) -> V { x.magnitude }
}

/// Σ (p·x)²
public enum SumOfScaledSquares: Additive {
  @inlinable @inline(__always)
  public static func map<V: Vector>(_ x: V, _ parameter: V) -> V {
    let scaled = x * parameter
    return scaled * scaled
  }
}

/// Σ (x − p)²
public enum SumOfSquaredDeviations: Additive {
  @inlinable @inline(__always)
  public static func map<V: Vector>(_ x: V, _ parameter: V) -> V {
    let deviation = x - parameter
    return deviation * deviation
  }
}

/// Π x
public enum ProductOfAll: Fold {
  @inlinable @inline(__always)
  public static var identity: Double { 1 }
  @inlinable @inline(__always)
  public static func combine<V: Vector>(_ a: V, _ b: V) -> V { a * b }
  @inlinable @inline(__always)
  public static func combine<S: KernelScalar>(scalars a: S, _ b: S) -> S { a * b }
}

/// The largest element; NaN if any element is NaN.
public enum Largest: Fold {
  @inlinable @inline(__always)
  public static var identity: Double { -.infinity }
  @inlinable @inline(__always)
  public static func combine<V: Vector>(_ a: V, _ b: V) -> V {
    // `Maximum.apply` keeps masks as integers, which LLVM splits into lanes when a loop carries them.
    a.replacing(with: V.higher(a, b), where: V.equal(a, a))
  }
  @inlinable @inline(__always)
  public static func combine<S: KernelScalar>(scalars a: S, _ b: S) -> S { a > b || a != a ? a : b }
}

/// The largest magnitude; NaN if any element is NaN.
public enum LargestMagnitude: Fold {
  @inlinable @inline(__always)
  public static var identity: Double { 0 }
  @inlinable @inline(__always)
  public static func map<V: Vector>(_ x: V, _ parameter: V) -> V { x.magnitude }
  @inlinable @inline(__always)
  public static func combine<V: Vector>(_ a: V, _ b: V) -> V { Largest.combine(a, b) }
  @inlinable @inline(__always)
  public static func combine<S: KernelScalar>(scalars a: S, _ b: S) -> S { Largest.combine(scalars: a, b) }
}

/// The smallest element; NaN if any element is NaN.
public enum Smallest: Fold {
  @inlinable @inline(__always)
  public static var identity: Double { .infinity }
  @inlinable @inline(__always)
  public static func combine<V: Vector>(_ a: V, _ b: V) -> V {
    // `Minimum.apply` keeps masks as integers, which LLVM splits into lanes when a loop carries them.
    a.replacing(with: V.lower(a, b), where: V.equal(a, a))
  }
  @inlinable @inline(__always)
  public static func combine<S: KernelScalar>(scalars a: S, _ b: S) -> S { a < b || a != a ? a : b }
}
