/// tanh x = (eᵗ − 1) / (eᵗ + 1) with t = −2|x|, from eᵗ − 1 so that nothing cancels near 0.
public enum HyperbolicTangent: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V {
    let t = V.higher(V.number(single: -24, double: -48), x.magnitude * V.number(-2))
    let (n, r) = Exponential.reduced(t)
    let power = V.power(ofTwo: n)
    let tail = (r * r).multiplied(by: Exponential.remainder(r), adding: r) * power
    // m + rest = 1 − eᵗ exactly, and q = m / (2 − m) nearly: what q lacks, (m + rest) (1 + q) − 2q, is put right in first order.
    let head = (V.number(1) - power).nonnegative
    let m = (head - tail).nonnegative
    let rest = (head - m) - tail
    let q = (m / (V.number(2) - m)).nonnegative
    let sum = q + V.number(1)
    let lacking = rest.multiplied(by: sum, adding: Pair.residual((m - q) - q, q.negated, m))
    return V(bits: lacking.multiplied(by: sum * V.number(0.5), adding: q).bits | x.sign)
  }
}

/// sinh x = (t + t / (t + 1)) / 2 with t = e^|x| − 1; where t would overflow, e^|x| / 2.
public enum HyperbolicSine: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V {
    let limit = V.number(single: 40, double: 80)
    let t = ExponentialMinusOne.pair(Pair(V.lower(limit, x.magnitude), V.number(0)))
    let sum = t + t / (t + V.number(1))
    let near = V.choose(V.less(x.magnitude, V.number(single: 0x1p-13, double: 0x1p-27)), x.magnitude, sum.high * V.number(0.5))
    return V.choose(V.less(limit, x.magnitude), halfExponential(x.magnitude), near).flipped(by: x.sign)
  }

  /// eˣ / 2, infinite only where that is.
  @inlinable @inline(__always)
  static func halfExponential<V: Vector>(_ x: V) -> V {
    let (n, r) = Exponential.reduced(Exponential.clamped(x))
    let tail = (r * r).multiplied(by: Exponential.remainder(r), adding: r)
    return Exponential.scaled(tail + V.number(1), n &- V.pattern(1))
  }
}

/// cosh x = (e^|x| + e^−|x|) / 2.
public enum HyperbolicCosine: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V {
    let limit = V.number(single: 40, double: 80)
    let (n, power) = Exponential.pair(Pair(V.lower(limit, x.magnitude), V.number(0)))
    let e = power.scaled(by: V.power(ofTwo: n))
    let sum = e + Pair(V.number(1), V.number(0)) / e
    let far = HyperbolicSine.halfExponential(x.magnitude)
    return V.choose(V.less(limit, x.magnitude), far, sum.high * V.number(0.5))
  }
}
