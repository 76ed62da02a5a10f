/// ln x = k ln 2 + ln(1 + f) with 1 + f between √½ and √2, and ln(1 + f) = 2 artanh(f / (2 + f)).
public enum Logarithm: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V {
    let (k, f) = parts(ofPositive: x)
    return combined(k, f, V.number(0)).limitedAsLogarithm(of: x)
  }

  /// k and f, for any positive x.
  @inlinable @inline(__always)
  static func parts<V: Vector>(ofPositive x: V) -> (k: V, f: V) {
    // A subnormal is scaled to a normal number first, and k corrected by that power of two.
    let small = V.less(x, V.leastNormal)
    let normal = V.choose(small, x * V.number(single: 0x1p24, double: 0x1p54), x)
    let (k, f) = parts(ofNormal: normal)
    let offset = V.choose(small, V.number(single: -24, double: -54), V.number(0))
    return (V(bits: k &+ V.magic.bits) - V.magic + offset, f)
  }

  /// k as an integer and f, for a positive normal x.
  @inlinable @inline(__always)
  static func parts<V: Vector>(ofNormal x: V) -> (k: V.Bits, f: V) {
    // The subtrahend is the bit pattern of √½. Subtracting it from that of x leaves k in the exponent field, for 1 + f in
    // √½…√2.
    let shift = V.pattern(V.significandBits)
    let k = (x.bits &- V.pattern(single: 0x3F35_04F3, double: 0x3FE6_A09E_667F_3BCD)) &>> shift
    return (k, V(bits: x.bits &- (k &<< shift)) - V.number(1))
  }

  /// k ln 2 + ln(1 + f) + correction.
  @inlinable @inline(__always)
  static func combined<V: Vector>(_ k: V, _ f: V, _ correction: V) -> V {
    // With s = f / (2 + f): ln(1 + f) = f − (f²/2 − s (f²/2 + R(s²))), so that f enters without an error of its own. k ln 2 is
    // split into a head, exact when multiplied by k, and a rest.
    let s = f / (f + V.number(2))
    let z = s * s
    let series = V.polynomial(
      z,
      single: [0x1.55557ap-1, 0x1.995e9cp-2, 0x1.31e66ep-2],
      double: [
        0x1.5555555555555p-1, 0x1.9999999999e06p-2, 0x1.249249242aaf5p-2, 0x1.c71c7259aa903p-3, 0x1.745cddff3dfd3p-3,
        0x1.3b20b4e73e89ap-3, 0x1.0f5bf52d5c928p-3, 0x1.0f6aa2a098a0fp-3,
      ])
    let square = f * f * V.number(0.5)
    let low = k.multiplied(by: V.number(single: -0x1.e8082ep-16, double: -0x1.8432a1b0e2634p-43), adding: correction)
    let rest = s.multiplied(by: z.multiplied(by: series, adding: square), adding: low)
    return k.multiplied(by: V.number(single: 0x1.62e8p-1, double: 0x1.62e42fefa4p-1), adding: f - (square - rest))
  }
}

/// log₂ x = k + ln(1 + f) / ln 2.
public enum Logarithm2: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V {
    let (k, f) = Logarithm.parts(ofPositive: x)
    let fraction = Logarithm.combined(V.number(0), f, V.number(0))
    let scaled = Pair.product(fraction, V.number(single: 0x1.715476p+0, double: 0x1.71547652b82fep+0))
    let low = fraction.multiplied(by: V.number(single: 0x1.4ae0cp-26, double: 0x1.777d0ffda0d24p-56), adding: scaled.low)
    let sum = Pair.sum(k, scaled.high)
    return (sum.high + (sum.low + low)).limitedAsLogarithm(of: x)
  }
}

/// ln(1 + x), accurate near 0: the rounding error of 1 + x is corrected in first order.
public enum LogarithmOnePlus: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V {
    let y = onePlus(Pair(x, V.number(0)))
    let limited = y.limitedAsLogarithm(of: x + V.number(1))
    return V.choose(V.less(x.magnitude, V.number(single: 0x1p-26, double: 0x1p-55)), x, limited)
  }

  /// ln(1 + high + low), for a finite sum above −1.
  @inlinable @inline(__always)
  static func onePlus<V: Vector>(_ x: Pair<V>) -> V {
    let sum = Pair.sum(V.number(1), x.high)
    let (k, f) = Logarithm.parts(ofNormal: sum.high)
    // The part of the argument that 1 + high does not hold, in units of 2ᵏ; ln(1 + f + lost) ≈ ln(1 + f) + lost (1 − f + f²).
    let lost = (sum.low + x.low) * V.power(ofTwo: V.clampedExponent(V.pattern(0) &- k))
    let correction = lost - lost * (f - f * f)
    return Logarithm.combined(V(bits: k &+ V.magic.bits) - V.magic, f, correction)
  }
}

extension Vector {
  /// self, with the limits of a logarithm of x: −∞ at 0, NaN below, ∞ and NaN as they are.
  @inlinable @inline(__always)
  func limitedAsLogarithm(of x: Self) -> Self {
    let atMostZero = Self.choose(Self.equal(x, Self.number(0)), Self.number(-.infinity), Self.number(.nan))
    let positive = Self.choose(Self.less(x, Self.infinity), self, x)
    return Self.choose(Self.less(Self.number(0), x), positive, atMostZero + x)
  }
}
