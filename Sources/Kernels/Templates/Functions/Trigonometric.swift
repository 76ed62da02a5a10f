/// x = n π/2 + r with |r| ≤ π/4, for |x| ≤ 2²⁰. r is a pair, so that it keeps its digits near multiples of π/2. Sine and cosine
/// of r are polynomials. Lanes with larger |x| call the platform's library.

extension Vector {
  /// The largest magnitude that the vector functions handle.
  @inlinable @inline(__always)
  static var circleLimit: Self { number(0x1p20) }

  /// The quadrant n modulo 4 in the low bits, and r.
  @inlinable @inline(__always)
  func reducedToQuadrant() -> (n: Bits, r: Pair<Self>) {
    let x = Self.choose(Self.lessOrEqual(magnitude, Self.circleLimit), self, Self.number(0))
    let shifted = x.multiplied(by: Self.number(0x1.45f306dc9c883p-1), adding: Self.magic)
    let n = (shifted - Self.magic).negated
    // Cody and Waite's reduction with π/2 in three parts: far more digits than the x closest to a multiple of it cancels.
    let first = Pair.product(n, Self.number(single: 0x1.921fb6p+0, double: 0x1.921fb54442d18p+0))
    let second = Pair.product(n, Self.number(single: -0x1.777a5cp-25, double: 0x1.1a62633145c07p-54))
    let third = n * Self.number(single: -0x1.ee59dap-50, double: -0x1.f1976b7ed8fbcp-110)
    let head = Pair.sum(x, first.high)
    let middle = Pair.sum(first.low, second.high)
    let sum = Pair.sum(head.high, middle.high)
    return (shifted.bits, Pair.ordered(sum.high, sum.low + (head.low + (middle.low + (second.low + third)))))
  }

  /// Sine and cosine of r.
  @inlinable @inline(__always)
  static func sineAndCosine(_ r: Pair<Self>) -> (sine: Pair<Self>, cosine: Pair<Self>) {
    let z = r.high * r.high
    let sineSeries = polynomial(
      z,
      single: [-0x1.555556p-3, 0x1.111108p-7, -0x1.a00f8ep-13, 0x1.6cd4aap-19],
      double: [
        -0x1.5555555555555p-3, 0x1.111111111110bp-7, -0x1.a01a01a018a97p-13, 0x1.71de3a53331c1p-19,
        -0x1.ae64528fdaf2bp-26, 0x1.61208d3dffd6dp-33, -0x1.aaa2845e7c912p-41,
      ])
    let cosineSeries = polynomial(
      z,
      single: [0x1.55554ap-5, -0x1.6c0c7cp-10, 0x1.99fdc2p-16],
      double: [
        0x1.5555555555555p-5, -0x1.6c16c16c16c1p-10, 0x1.a01a01a018da8p-16, -0x1.27e4fb75f8fcfp-22,
        0x1.1eed8c9e90b06p-29, -0x1.93933267a9f7cp-37, 0x1.aac301f1b21e9p-45,
      ])
    // sin(high + low) ≈ sin high + low · cos high, and cos(high + low) ≈ cos high − low · sin high.
    let half = z * number(0.5)
    let lowSine = (z * r.high).multiplied(by: sineSeries, adding: r.low - r.low * half)
    let one = Pair.ordered(number(1), half.negated)
    let lost = Pair.residual(half, r.high * number(0.5), r.high)
    let lowCosine = (z * z).multiplied(by: cosineSeries, adding: one.low + lost - r.low * r.high)
    return (Pair.ordered(r.high, lowSine), Pair.ordered(one.high, lowCosine))
  }

  /// −1 in all bits where the given bit of the integers is set, else 0.
  @inlinable @inline(__always)
  static func spread(_ bits: Bits, bit: Int64) -> Bits {
    let top: Int64 = isSingle ? 31 : 63
    return (bits &<< pattern(top &- bit)) &>> pattern(top)
  }

  /// self, with the library's value where |x| > 2²⁰.
  @inlinable @inline(__always)
  func mended(_ x: Self, _ library: (Double) -> Double) -> Self {
    if !x.exceeds(Self.circleLimit) { return self }
    var y = self
    var x = x
    withUnsafeMutableBytes(of: &y) { y in
      withUnsafeMutableBytes(of: &x) { x in
        let (x, y) = (x.baseAddress.unsafelyUnwrapped, y.baseAddress.unsafelyUnwrapped)
        if Scalar.self == Float.self {
          mendLanes(x.assumingMemoryBound(to: Float.self), y.assumingMemoryBound(to: Float.self), Self.scalarCount, library)
        } else {
          mendLanes(x.assumingMemoryBound(to: Double.self), y.assumingMemoryBound(to: Double.self), Self.scalarCount, library)
        }
      }
    }
    return y
  }
}

/// sin x.
public enum Sine: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V {
    let (n, r) = x.reducedToQuadrant()
    let (sine, cosine) = V.sineAndCosine(r)
    let y = V.choose(bits: V.spread(n, bit: 0), cosine.high, sine.high).flipped(by: V.spread(n, bit: 1) & V.signMask)
    return V.choose(V.equal(x, V.number(0)), x, y).mended(x, librarySine)
  }
}

/// cos x.
public enum Cosine: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V {
    let (n, r) = x.reducedToQuadrant()
    let (sine, cosine) = V.sineAndCosine(r)
    let y = V.choose(bits: V.spread(n, bit: 0), sine.high, cosine.high)
    return y.flipped(by: V.spread(n &+ V.pattern(1), bit: 1) & V.signMask).mended(x, libraryCosine)
  }
}

/// tan x = sin x / cos x.
public enum Tangent: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V {
    let (n, r) = x.reducedToQuadrant()
    let (sine, cosine) = V.sineAndCosine(r)
    // In odd quadrants, tan is −cos r / sin r.
    let odd = V.spread(n, bit: 0)
    let numerator = Pair(V.choose(bits: odd, cosine.high, sine.high), V.choose(bits: odd, cosine.low, sine.low))
    let denominator = Pair(V.choose(bits: odd, sine.high, cosine.high), V.choose(bits: odd, sine.low, cosine.low))
    let y = (numerator / denominator).high.flipped(by: odd & V.signMask)
    return V.choose(V.less(x.magnitude, V.number(single: 0x1p-13, double: 0x1p-27)), x, y).mended(x, libraryTangent)
  }
}

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
