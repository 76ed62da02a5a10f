/// A function of one number with two parameters (bounds, a slope), written for vectors of either element type.
public protocol ParametricFunction: SendableMetatype {
  static func apply<V: Vector>(_ x: V, _ a: V, _ b: V) -> V
}

/// A function of one number.
public protocol UnaryFunction: ParametricFunction {
  static func apply<V: Vector>(_ x: V) -> V
}

extension UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V, _ a: V, _ b: V) -> V { apply(x) }
}

/// A function of two numbers.
public protocol BinaryFunction: SendableMetatype {
  static func apply<V: Vector>(_ x: V, _ y: V) -> V
}

/// A function of three numbers.
public protocol TernaryFunction: SendableMetatype {
  static func apply<V: Vector>(_ x: V, _ y: V, _ z: V) -> V
}

public enum Negation: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V { x.negated }
}

public enum Magnitude: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V { x.magnitude }
}

/// −1, 0 or 1. NaN and signed zeros are returned unchanged.
public enum Signum: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V {
    V.choose(V.less(V.number(0), x.magnitude), V(bits: V.number(1).bits | x.sign), x)
  }
}

public enum Square: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V { x * x }
}

public enum SquareRoot: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V { x.squareRoot() }
}

public enum ReciprocalSquareRoot: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V { V.number(1) / x.squareRoot() }
}

public enum Reciprocal: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V { V.number(1) / x }
}

public enum Addition: BinaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V, _ y: V) -> V { x + y }
}

public enum Subtraction: BinaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V, _ y: V) -> V { x - y }
}

public enum Multiplication: BinaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V, _ y: V) -> V { x * y }
}

public enum Division: BinaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V, _ y: V) -> V { x / y }
}

/// x y (1 − y).
public enum SigmoidSlope: BinaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V, _ y: V) -> V { x * (y * (V.number(1) - y)) }
}

/// x (1 − y²).
public enum TangentSlope: BinaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V, _ y: V) -> V { x * (V.number(1) - y * y) }
}

/// x · y + z, rounded once where the vector width has a fused multiply-add.
public enum MultiplyAdd: TernaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V, _ y: V, _ z: V) -> V { x.multiplied(by: y, adding: z) }
}

/// x y z (1 − z).
public enum ProductSigmoidSlope: TernaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V, _ y: V, _ z: V) -> V { SigmoidSlope.apply(x * y, z) }
}

/// x y (1 − z²).
public enum ProductTangentSlope: TernaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V, _ y: V, _ z: V) -> V { TangentSlope.apply(x * y, z) }
}

/// (x − y) z.
public enum Deviation: TernaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V, _ y: V, _ z: V) -> V { (x - y) * z }
}

/// The smaller; NaN where either is NaN.
public enum Minimum: BinaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V, _ y: V) -> V { V.choose(V.less(y, x), y, x).keepingNaN(of: y) }
}

/// The larger; NaN where either is NaN.
public enum Maximum: BinaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V, _ y: V) -> V { V.choose(V.less(x, y), y, x).keepingNaN(of: y) }
}

/// x clamped to a…b; NaN stays NaN.
public enum Clip: ParametricFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V, _ a: V, _ b: V) -> V { V.lower(b, V.higher(a, x)) }
}

extension Vector {
  /// |x| rounded to the nearest integer, ties to even, by adding and subtracting 2²³ or 2⁵²: larger numbers are integers.
  @inlinable @inline(__always)
  var roundedMagnitude: Self {
    let unit = Self.number(single: 0x1p23, double: 0x1p52)
    return Self.choose(Self.less(magnitude, unit), (magnitude + unit) - unit, magnitude)
  }

  /// A magnitude with the sign of x.
  @inlinable @inline(__always)
  func signed(like x: Self) -> Self { Self(bits: bits | x.sign) }
}

/// The nearest integer, ties to even.
public enum Rounding: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V { x.roundedMagnitude.signed(like: x) }
}

/// The largest integer not above x.
public enum Floor: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V {
    let y = x.roundedMagnitude.signed(like: x)
    return V.choose(V.less(x, y), y - V.number(1), y)
  }
}

/// The smallest integer not below x.
public enum Ceiling: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V { Floor.apply(x.negated).negated }
}

/// x rounded toward zero.
public enum Truncation: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V { Floor.apply(x.magnitude).signed(like: x) }
}
