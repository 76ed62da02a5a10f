/// erf and the functions built on it use two approximations: erf t / t − 1 as a polynomial in t² for t ≤ 1, and (1 + 2t) e^t²
/// erfc t, which is nearly constant, as a polynomial in s = (t − 3) / (t + 3). Near 0, rounding s would cost the second one
/// digits.
extension Vector {
  /// erf t for 0 ≤ t ≤ 1.
  @inlinable @inline(__always)
  static func errorNearZero(_ t: Self) -> Self {
    let z = t * t
    let series = polynomial(
      z,
      single: [
        0x1.06eba8p-3, -0x1.812746p-2, 0x1.ce2f0ap-4, -0x1.b829d8p-6, 0x1.562b1ap-8, -0x1.bcd7ep-11, 0x1.d8b892p-14,
        -0x1.44cfc4p-17,
      ],
      double: [
        0x1.06eba8214db69p-3, -0x1.812746b0379e7p-2, 0x1.ce2f21a042bdep-4, -0x1.b82ce312889c2p-6, 0x1.565bcd0e65195p-8,
        -0x1.c02db3fef01d6p-11, 0x1.f9a326c2d9822p-14, -0x1.f4d2562a1b01p-17, 0x1.b9e6518e6129p-20, -0x1.5f6d9cc1c31e4p-23,
        0x1.fc43f063b4a42p-27, -0x1.4e635b40a397fp-30, 0x1.7f171f011fd79p-34, -0x1.29e14842f8767p-38,
      ])
    return t.multiplied(by: series, adding: t)
  }

  /// e^t² erfc t as a pair, for t from 0 to where erfc vanishes.
  @inlinable @inline(__always)
  static func scaledComplement(_ t: Self) -> Pair<Self> {
    let s = (t - number(3)) / (t + number(3))
    let rest = polynomial(
      s,
      single: [
        -0x1.15c08ap-3, -0x1.85a1ap-5, 0x1.098414p-3, -0x1.e8884ep-4, 0x1.17bd48p-4, -0x1.85ee82p-6, 0x1.504b14p-9,
        0x1.06c788p-9, -0x1.951a64p-11, -0x1.172a68p-12,
      ],
      double: [
        -0x1.15c084bb9e8f1p-3, -0x1.85a15c58aa5f1p-5, 0x1.098366a5b45eap-3, -0x1.e88b803a48d71p-4, 0x1.17ca2877f5266p-4,
        -0x1.8574c40bf9ba8p-6, 0x1.4b884e3af790cp-9, 0x1.ef1bdd6fdb1ep-10, -0x1.98db4fad3e6f7p-11, -0x1.b91289bc6f60ap-14,
        0x1.065a162c32613p-13, 0x1.4c2bb0ef29fap-18, -0x1.5137799d3f3efp-16, -0x1.890ab3977aa2cp-21, 0x1.d1be93ea64e9ep-19,
        0x1.7ff043fc7976p-22, -0x1.48e55447a71a9p-21, -0x1.307034f86bbb6p-23, 0x1.a2e8ca653fa4ap-24, 0x1.60be3f8e4bdd8p-25,
        -0x1.6ed39e3144cb5p-27, -0x1.052b0fad544acp-27, 0x1.3932c298bf137p-32, 0x1.301805e404ec1p-31,
      ])
    // The value at s = 0, which is t = 3: 7 e⁹ erfc 3.
    let constant = Pair(
      number(single: 0x1.40c522p0, double: 0x1.40c522d7e4987p0), number(single: 0x1.b8bf9ep-25, double: 0x1.9bda44e4263a8p-55))
    return (constant + s * rest) / Pair.sum(t + t, number(1))
  }
}

/// erf x = 2/√π ∫₀ˣ e^−t² dt.
public enum ErrorFunction: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V {
    let m = V.lower(V.number(single: 4.2, double: 6.2), x.magnitude)
    let near = V.errorNearZero(m)
    let far = V.number(1) - ComplementaryErrorFunction.complement(m)
    return V.choose(V.lessOrEqual(m, V.number(1)), near, far).keepingNaN(of: x).flipped(by: x.sign)
  }
}

/// erfc x = 1 − erf x, with full relative accuracy down to the smallest numbers.
public enum ComplementaryErrorFunction: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V {
    let m = V.lower(V.number(single: 10.5, double: 28), x.magnitude)
    let y = V.choose(V.less(m, V.number(0.5)), V.number(1) - V.errorNearZero(m), complement(m))
    return V.choose(V.less(x, V.number(0)), V.number(2) - y, y).keepingNaN(of: x)
  }

  /// erfc t for t from 0 to where it vanishes.
  @inlinable @inline(__always)
  static func complement<V: Vector>(_ t: V) -> V {
    // t² as a pair: a relative error ε of t² would be a relative error t² ε of the result.
    let (n, power) = Exponential.pair(Pair.product(t, t).negated)
    return Exponential.scaled((power * V.scaledComplement(t)).high, n)
  }
}

/// x Φ(x) = x erfc(−x / √2) / 2, the exact GELU. The exponent −x²/2 is kept as a pair, so that the tail has full relative
/// accuracy.
public enum GaussianUnit: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V {
    let m = V.lower(V.number(single: 15, double: 39.5), x.magnitude)
    let square = Pair.product(m, m).scaled(by: V.number(-0.5))
    let (n, power) = Exponential.pair(square)
    let t = m * V.number(0x1.6a09e667f3bcdp-1)
    let half = m * V.number(0.5)
    let outer = Exponential.scaled((V.scaledComplement(t) * power * half).high, n)
    let inner = (Pair.ordered(V.number(1), V.errorNearZero(t).negated) * half).high
    let tail = V.choose(V.less(t, V.number(0.5)), inner, outer)
    let negative = tail.negated
    let positive = m - tail
    let far = V.choose(V.less(m, x), x, positive)
    return V.choose(V.less(x, V.number(0)), negative, V.choose(V.equal(x, V.number(0)), x, far)).keepingNaN(of: x)
  }
}
