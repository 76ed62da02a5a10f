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
