extension Vector {
  /// (arcsin √z / √z − 1) / z for 0 ≤ z ≤ ¼.
  @inlinable @inline(__always)
  static func arcsineSeries(_ z: Self) -> Self {
    polynomial(
      z,
      single: [0x1.55554cp-3, 0x1.33388ep-4, 0x1.6cac4p-5, 0x1.04a63cp-5, 0x1.d7f3b2p-7, 0x1.33bb5p-5],
      double: [
        0x1.5555555555578p-3, 0x1.333333332df8p-4, 0x1.6db6db7226012p-5, 0x1.f1c71a8dc587fp-6, 0x1.6e8bdfa65113ep-6,
        0x1.1c49e2bbcd7ccp-6, 0x1.ca20ce21cde99p-7, 0x1.757b78e8dd5fep-7, 0x1.6173fbbfc0728p-7, 0x1.e2be0ac76eaccp-9,
        0x1.6492d72b4d481p-6, -0x1.5954b98131ebep-6, 0x1.0bb073502ecc1p-5,
      ])
  }

  /// 2 arcsin √((1 − m) / 2), which is arccos m, for ½ ≤ m ≤ 1.
  @inlinable @inline(__always)
  static func arccosineNearOne(_ m: Self) -> Pair<Self> {
    let z = (number(1) - m) * number(0.5)
    let root = choose(equal(z, number(0)), number(0), z.squareRoot())
    // The rounding error of the root, in first order. The smallest normal number keeps the quotient finite at root 0.
    let lost = Pair.residual(z, root, root) / (root + root + leastNormal)
    let y = Pair.ordered(root, (root * z).multiplied(by: arcsineSeries(z), adding: lost))
    return y.scaled(by: number(2))
  }

  @inlinable @inline(__always)
  static var halfPi: Pair<Self> {
    Pair(
      number(single: 0x1.921fb6p+0, double: 0x1.921fb54442d18p+0),
      number(single: -0x1.777a5cp-25, double: 0x1.1a62633145c07p-54))
  }
}

/// arcsin x by a polynomial for |x| ≤ ½, and as π/2 − arccos |x| beyond; NaN outside −1…1.
public enum InverseSine: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V {
    let m = x.magnitude
    let z = m * m
    let near = (m * z).multiplied(by: V.arcsineSeries(z), adding: m)
    let far = V.halfPi + V.arccosineNearOne(m).negated
    return V.choose(V.lessOrEqual(m, V.number(0.5)), near, far.high).flipped(by: x.sign)
  }
}

/// arccos x; NaN outside −1…1.
public enum InverseCosine: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V {
    let m = x.magnitude
    let z = x * x
    let near = V.halfPi + Pair.ordered(x, (x * z) * V.arcsineSeries(z)).negated
    let far = V.arccosineNearOne(m)
    let opposite = V.halfPi.scaled(by: V.number(2)) + far.negated
    let beyond = V.choose(V.less(x, V.number(0)), opposite.high, far.high)
    return V.choose(V.lessOrEqual(m, V.number(0.5)), near.high, beyond)
  }
}

/// arctan x by a polynomial up to tan π/8; beyond, arctan x = π/4 + arctan((x − 1) / (x + 1)) or, from tan 3π/8, π/2 +
/// arctan(−1 / x).
public enum InverseTangent: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V {
    // tan π/8 = √2 − 1 and tan 3π/8 = √2 + 1. The three cases differ in numerator and denominator only, so all lanes divide
    // once.
    let m = V.lower(V.number(0x1p60), x.magnitude)
    let (middle, far) = (V.less(V.number(0.41421356), m), V.less(V.number(2.41421356), m))
    let one = V.number(1)
    let shifted = Pair.sum(m, V.number(-1))
    let numerator = Pair(
      V.choose(far, V.number(-1), V.choose(middle, shifted.high, m)),
      V.choose(far, V.number(0), V.choose(middle, shifted.low, V.number(0))))
    let sum = Pair.sum(m, one)
    let denominator = Pair(
      V.choose(far, m, V.choose(middle, sum.high, one)), V.choose(far, V.number(0), V.choose(middle, sum.low, V.number(0))))
    let quotient = numerator / denominator
    let t = quotient.high
    let z = t * t
    let series = V.polynomial(
      z,
      single: [-0x1.55554ap-2, 0x1.9991ap-3, -0x1.23b5a4p-3, 0x1.b1f11ap-4, -0x1.f1fb28p-5],
      double: [
        -0x1.555555555553dp-2, 0x1.99999999957c9p-3, -0x1.24924922a9a1fp-3, 0x1.c71c70e494a66p-4, -0x1.745cf8b00d57ep-4,
        0x1.3b1115dc4d1d8p-4, -0x1.10eb913999045p-4, 0x1.df0cf2fa71359p-5, -0x1.9cc79b30cae3fp-5, 0x1.37b7ee554a96p-5,
        -0x1.2526330b55decp-6,
      ])
    let half = V.halfPi.scaled(by: V.choose(far, one, V.choose(middle, V.number(0.5), V.number(0))))
    let total = Pair.sum(half.high, t)
    let tail = (t * z).multiplied(by: series, adding: quotient.low + half.low)
    return (total.high + (total.low + tail)).flipped(by: x.sign)
  }
}
