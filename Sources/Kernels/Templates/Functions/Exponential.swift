/// eˣ = 2ⁿ · eʳ with n = round(x / ln 2) and |r| ≤ ln 2 / 2; eʳ is a polynomial.
public enum Exponential: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V {
    // Beyond these bounds the result rounds to 0 or overflows. `lower` and `higher` return their second operand for NaN, which
    // therefore passes through.
    let (n, r) = reduced(V.higher(V.number(single: -104, double: -746), V.lower(V.number(single: 89, double: 710), x)))
    let tail = (r * r).multiplied(by: remainder(r), adding: r)
    // 2ⁿ in two factors. After the first the result is still a normal number; the second rounds once to a subnormal, or
    // overflows.
    let negative = V.less(x, V.number(0))
    let lift = V.choose(negative, V(bits: V.pattern(64)), V(bits: V.pattern(-64))).bits
    let power = V.power(ofTwo: n &+ lift)
    return tail.multiplied(by: power, adding: power) * V.choose(negative, V.number(0x1p-64), V.number(0x1p64))
  }

  /// x clamped to a range outside which eˣ is 0 or infinite, even when multiplied by |x|. NaN passes through.
  @inlinable @inline(__always)
  static func clamped<V: Vector>(_ x: V) -> V {
    V.higher(V.number(single: -120, double: -800), V.lower(V.number(single: 120, double: 800), x))
  }

  /// n and r = x − n ln 2, by Cody and Waite's reduction: ln 2 is split into a head with trailing zero bits, whose product with
  /// n is exact, and the rest.
  @inlinable @inline(__always)
  static func reduced<V: Vector>(_ x: V) -> (n: V.Bits, r: V) {
    // x / ln 2 rounded to an integer by the magic number: as a number in `n`, and as an integer in the low bits of `shifted`.
    let shifted = x.multiplied(by: V.number(0x1.71547652b82fep+0), adding: V.magic)
    let n = shifted - V.magic
    let head = n.multiplied(by: V.number(single: -0x1.62e8p-1, double: -0x1.62e42fefa4p-1), adding: x)
    let r = n.multiplied(by: V.number(single: 0x1.e8082ep-16, double: 0x1.8432a1b0e2634p-43), adding: head)
    return (shifted.bits &- V.magic.bits, r)
  }

  /// (eʳ − 1 − r) / r² for |r| ≤ ln 2 / 2. The coefficients are fitted to this interval; they are not those of the Taylor
  /// series.
  @inlinable @inline(__always)
  static func remainder<V: Vector>(_ r: V) -> V {
    V.paired(
      r,
      single: [0x1.0p-1, 0x1.55548ep-3, 0x1.55545cp-5, 0x1.123c78p-7, 0x1.6db668p-10],
      double: [
        0x1.0p-1, 0x1.555555555555cp-3, 0x1.555555555555ep-5, 0x1.111111110eb2p-7, 0x1.6c16c16c13502p-10,
        0x1.a01a01b3f4b57p-13, 0x1.a01a01b47c1ddp-16, 0x1.71ddef01d506bp-19, 0x1.27e4bee232fb1p-22,
        0x1.af6dceafe41a2p-26, 0x1.1f9e643f21282p-29,
      ])
  }

  /// p · 2ⁿ in two multiplications, so that a subnormal result is rounded once and only the last can overflow.
  @inlinable @inline(__always)
  static func scaled<V: Vector>(_ p: V, _ n: V.Bits) -> V {
    let half = n &>> V.pattern(1)
    return p * V.power(ofTwo: half) * V.power(ofTwo: n &- half)
  }

  /// n and eʳ − 1 as leading term and rest, for a pair x within the clamp.
  @inlinable @inline(__always)
  static func reducedMinusOne<V: Vector>(_ x: Pair<V>) -> (n: V.Bits, minusOne: Pair<V>) {
    let shifted = x.high.multiplied(by: V.number(0x1.71547652b82fep+0), adding: V.magic)
    let n = shifted - V.magic
    let head = n.multiplied(by: V.number(single: -0x1.62e8p-1, double: -0x1.62e42fefa4p-1), adding: x.high)
    let rest = n.multiplied(by: V.number(single: 0x1.e8082ep-16, double: 0x1.8432a1b0e2634p-43), adding: x.low)
    let r = Pair.sum(head, rest)
    let low = (r.high * r.high).multiplied(by: remainder(r.high), adding: r.low.multiplied(by: r.high, adding: r.low))
    return (shifted.bits &- V.magic.bits, Pair(r.high, low))
  }

  /// n and eʳ as a pair, for a pair x within the clamp.
  @inlinable @inline(__always)
  static func pair<V: Vector>(_ x: Pair<V>) -> (n: V.Bits, power: Pair<V>) {
    let (n, minusOne) = reducedMinusOne(x)
    let sum = Pair.ordered(V.number(1), minusOne.high)
    return (n, Pair.ordered(sum.high, sum.low + minusOne.low))
  }
}

/// 2ˣ = 2ⁿ · e^(f ln 2), with n the integer nearest to x and f = x − n.
public enum Exponential2: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V {
    let x = V.higher(V.number(single: -160, double: -1100), V.lower(V.number(single: 140, double: 1030), x))
    let shifted = x + V.magic
    let part = x - (shifted - V.magic)
    // f ln 2 as a pair, with ln 2 as a pair too.
    let r =
      Pair(
        V.number(single: 0x1.62e43p-1, double: 0x1.62e42fefa39efp-1),
        V.number(single: -0x1.05c61p-29, double: 0x1.abc9e3b39803fp-56)) * part
    let tail = (r.high * r.high).multiplied(by: Exponential.remainder(r.high), adding: r.low) + r.high
    return Exponential.scaled(tail + V.number(1), shifted.bits &- V.magic.bits)
  }
}

/// eˣ − 1, accurate near 0: 2ⁿ(eʳ − 1) + (2ⁿ − 1).
public enum ExponentialMinusOne: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V {
    let limited = V.higher(V.number(single: -20, double: -40), V.lower(V.number(single: 89, double: 710), x))
    let (n, minusOne) = Exponential.reducedMinusOne(Pair(limited, V.number(0)))
    // Computes half the result and doubles it: 2ⁿ itself would overflow for the largest arguments.
    let half = V.power(ofTwo: n &- V.pattern(1))
    let sum = Pair.sum(half - V.number(0.5), minusOne.high * half)
    let y = minusOne.low.multiplied(by: half, adding: sum.low) + sum.high
    return V.choose(V.less(x.magnitude, V.number(single: 0x1p-26, double: 0x1p-55)), x, y + y)
  }

  /// eˣ − 1 as a pair, for |x| so small that 2ⁿ is a normal number.
  @inlinable @inline(__always)
  static func pair<V: Vector>(_ x: Pair<V>) -> Pair<V> {
    let (n, minusOne) = Exponential.reducedMinusOne(x)
    let power = V.power(ofTwo: n)
    let sum = Pair.sum(power - V.number(1), minusOne.high * power)
    return Pair.ordered(sum.high, minusOne.low.multiplied(by: power, adding: sum.low))
  }
}
