/// xʸ = e^(y ln |x|) with the logarithm and the product as pairs, and with the signs and special cases of IEEE 754's pow.
public enum Power: BinaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V, _ y: V) -> V {
    let m = x.magnitude
    let logarithm = logarithm(m)
    let product = Pair.product(y, logarithm.high)
    let high = Exponential.clamped(product.high)
    let low = y.multiplied(by: logarithm.low, adding: product.low)
    // The low part counts only where the high part was not clamped.
    let inside = V.less(product.high.magnitude, V.number(single: 120, double: 800))
    let (n, power) = Exponential.pair(Pair(high, V.choose(inside, low, V.number(0))))
    return limited(Exponential.scaled(power.value, n), x, y)
  }

  /// ln x as a pair with about ten digits more than the element type, for a positive finite x.
  @inlinable @inline(__always)
  static func logarithm<V: Vector>(_ x: V) -> Pair<V> {
    let (k, f) = Logarithm.parts(ofPositive: x)
    let s = Pair(f, V.number(0)) / Pair.ordered(V.number(2), f)
    let z = s * s
    // ln(1 + f) = 2s + ⅔ s³ + s⁵ (…): the first two terms as pairs.
    let third = Pair(
      V.number(single: 0x1.555556p-1, double: 0x1.5555555555555p-1),
      V.number(single: -0x1.555556p-26, double: 0x1.5555555555555p-55))
    let cube = s * z * third
    let series = V.polynomial(
      z.high,
      single: [0x1.999ap-2, 0x1.245278p-2, 0x1.dfa334p-3],
      double: [
        0x1.9999999999996p-2, 0x1.2492492493049p-2, 0x1.c71c71c57e0adp-3, 0x1.745d1833762e6p-3, 0x1.3b1362682729dp-3,
        0x1.1120c15cb1873p-3, 0x1.de31938b6c557p-4, 0x1.eb20ad7f916p-4,
      ])
    let rest = s.high * z.high * z.high * series
    let head = Pair.ordered(
      k * V.number(single: 0x1.62e8p-1, double: 0x1.62e42fefa4p-1),
      k * V.number(single: -0x1.e8082ep-16, double: -0x1.8432a1b0e2634p-43))
    return head + s.scaled(by: V.number(2)) + (cube + rest)
  }

  /// Whether y is an integer, and whether it is odd: an even y has an integer y / 2.
  @inlinable @inline(__always)
  static func parity<V: Vector>(_ y: V) -> (integer: V.Bits, odd: V.Bits) {
    let integer = unsafeBitCast(V.equal(y.magnitude.roundedMagnitude, y.magnitude), to: V.Bits.self)
    let half = y.magnitude * V.number(0.5)
    let even = unsafeBitCast(V.equal(half.roundedMagnitude, half), to: V.Bits.self)
    return (integer, integer & ~even)
  }

  /// The result with its sign and the special cases: x or y zero, infinite or NaN, and x negative.
  @inlinable @inline(__always)
  static func limited<V: Vector>(_ power: V, _ x: V, _ y: V) -> V {
    let m = x.magnitude
    let (integer, odd) = parity(y)
    let zero = V.number(0)
    // 0 and ∞ to a power are 0 or ∞.
    let grows = unsafeBitCast(V.equal(m, zero), to: V.Bits.self) ^ unsafeBitCast(V.less(zero, y), to: V.Bits.self)
    let extreme = V.choose(bits: grows, V.infinity, zero)
    let finite = unsafeBitCast(V.less(zero, m), to: V.Bits.self) & unsafeBitCast(V.less(m, V.infinity), to: V.Bits.self)
    let size = V.choose(bits: finite, power, extreme)
    // A negative x has a real power for integer y only, negative for odd y.
    let real = V.choose(bits: unsafeBitCast(V.less(x, zero), to: V.Bits.self) & ~integer & finite, V.number(.nan), size)
    let signed = real.flipped(by: odd & x.sign).keepingNaN(of: x).keepingNaN(of: y)
    // 1 to any power, anything to the power 0, and ±1 to an infinite power are 1, as IEEE 754 demands even beside a NaN.
    let unit = V.choose(V.equal(m, V.number(1)), V.choose(V.equal(y.magnitude, V.infinity), V.number(1), signed), signed)
    let one = unsafeBitCast(V.equal(y, zero), to: V.Bits.self) | unsafeBitCast(V.equal(x, V.number(1)), to: V.Bits.self)
    return V.choose(bits: one, V.number(1), unit)
  }
}
