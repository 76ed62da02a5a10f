/// σ(x) = 1 / (1 + e⁻ˣ), computed from e^−|x|, so that nothing overflows and small results keep their digits.
public enum Sigmoid: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V {
    // −|x|, by setting the sign bit.
    let t = V.higher(V.number(single: -105, double: -746), V(bits: x.bits | V.signMask))
    let (n, r) = Exponential.reduced(t)
    let tail = (r * r).multiplied(by: Exponential.remainder(r), adding: r)
    // eᵗ times 2³² or 2¹²⁸: a normal number even where eᵗ is subnormal.
    let power = V.power(ofTwo: n &+ V.pattern(single: 32, double: 128))
    let lifted = tail.multiplied(by: power, adding: power)
    let drop = V.number(single: 0x1p-32, double: 0x1p-128)
    let e = lifted * drop
    let d = lifted.multiplied(by: drop, adding: V.number(1))
    let q = V.choose(V.less(x, V.number(0)), e, V.number(1)) / d
    // A first-order correction for the rounding error of d, which is (d − 1) − e exactly. The factor 1/d is left out: where d
    // is close to 2 the error matters half as much.
    return q.multiplied(by: (d - V.number(1)) - e, adding: q)
  }

  /// x · σ(u) for a pair u: x / (1 + e⁻ᵘ) for u ≥ 0, x eᵘ / (1 + eᵘ) for u < 0. The power of two is applied last, so that a
  /// subnormal result is rounded once.
  @inlinable @inline(__always)
  static func weighted<V: Vector>(_ x: V, _ u: Pair<V>) -> V {
    let flip = u.high.bits & V.signMask
    let size = Pair(u.high.flipped(by: flip ^ V.signMask), u.low.flipped(by: flip ^ V.signMask))
    let (n, power) = Exponential.pair(Pair(Exponential.clamped(size.high), size.low))
    let e = power.scaled(by: V.power(ofTwo: V.clampedExponent(n)))
    let negative = V.less(u.high, V.number(0))
    let numerator = Pair(V.choose(negative, power.high, V.number(1)), V.choose(negative, power.low, V.number(0)))
    let product = numerator / (Pair.ordered(V.number(1), e.high) + e.low) * x
    let shift = unsafeBitCast(negative, to: V.Bits.self) & n
    return V.choose(V.equal(x, V.number(0)), x, Exponential.scaled(product.high, shift))
  }
}

extension Vector {
  /// Exponents, raised to the smallest normal one where they are below: for terms that are added to 1, where smaller ones have
  /// vanished.
  @inlinable @inline(__always)
  static func clampedExponent(_ n: Bits) -> Bits {
    let below = (n &+ pattern(single: 126, double: 1022)) &>> pattern(single: 31, double: 63)
    return (n & ~below) | (pattern(single: -126, double: -1022) & below)
  }
}

/// ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|).
public enum Softplus: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V {
    let (n, power) = Exponential.pair(Pair(Exponential.clamped(x.magnitude.negated), V.number(0)))
    let e = power.scaled(by: V.power(ofTwo: V.clampedExponent(n)))
    // Far below 0, ln(1 + eˣ) is eˣ, scaled so that a subnormal result is rounded once.
    let y = LogarithmOnePlus.onePlus(e)
    let small = Exponential.scaled(power.high, n)
    let below = V.choose(V.less(x, V.number(single: -40, double: -80)), small, y)
    return V.choose(V.less(V.number(0), x), y + x, below).keepingNaN(of: x)
  }
}

/// ln σ(x) = −ln(1 + e⁻ˣ).
public enum LogarithmOfSigmoid: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V { Softplus.apply(x.negated).negated }
}

/// ln(1 + e^βx) / β.
public enum ScaledSoftplus: ParametricFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V, _ a: V, _ b: V) -> V {
    let scaled = x * a
    return V.choose(V.less(V.number(single: 40, double: 80), scaled), x, Softplus.apply(scaled) / a)
  }
}

/// x σ(x), also called swish.
public enum SigmoidUnit: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V {
    let limit = V.number(single: 40, double: 80)
    let bounded = V.higher(V.number(-2000), V.lower(limit, x))
    return V.choose(V.less(limit, x), x, Sigmoid.weighted(bounded, Pair(bounded, V.number(0))))
  }
}

/// x tanh ln(1 + eˣ) = x n / (n + 2) with n = eˣ (eˣ + 2).
public enum Mish: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V {
    let limit = V.number(single: 20, double: 40)
    let bounded = V.higher(V.number(-2000), V.lower(limit, x))
    let (n, power) = Exponential.pair(Pair(Exponential.clamped(bounded), V.number(0)))
    let e = power.scaled(by: V.power(ofTwo: V.clampedExponent(n)))
    let sum = e + V.number(2)
    let product = power * sum / (e * sum + V.number(2)) * bounded
    let y = V.choose(V.equal(x, V.number(0)), x, Exponential.scaled(product.high, n))
    return V.choose(V.less(limit, x), x, y)
  }
}

/// x (1 + tanh u) / 2 with u = √(2/π) (x + 0.044715 x³), which is x σ(2u).
public enum GaussianUnitByTanh: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V {
    let limit = V.number(single: 15, double: 40)
    let bounded = V.higher(limit.negated, V.lower(limit, x))
    let cubic = Pair(
      V.number(single: 0x1.6e4e26p-5, double: 0x1.6e4e26d4801f7p-5),
      V.number(single: 0x1.a9003ep-30, double: 0x1.441355475a31ap-59))
    let factor = Pair(
      V.number(single: 0x1.988454p+0, double: 0x1.9884533d43651p+0),
      V.number(single: -0x1.857936p-25, double: -0x1.cbc0d30ebfd15p-54))
    let inner = Pair.product(bounded, bounded) * cubic + V.number(1)
    let y = Sigmoid.weighted(bounded, inner * factor * bounded)
    return V.choose(V.less(limit, x), x, y)
  }
}
