/// tanh x = 1 − 2 / (e^2|x| + 1), and near 0, where that would cancel, an odd polynomial.
public enum HyperbolicTangent: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V {
    // From 10 and 20 on, tanh rounds to 1.
    let size = V.lower(V.number(single: 10, double: 20), x.magnitude)
    let square = size * size
    let near = (size * square).multiplied(by: remainder(square), adding: size)
    let far = V.number(1) - V.number(1) / mean(size)
    return V(bits: V.choose(V.less(size, V.number(0.5625)), near, far).bits | x.sign)
  }

  /// (tanh x / x − 1) / x² as a polynomial in x², for |x| ≤ 0.5625.
  @inlinable @inline(__always)
  static func remainder<V: Vector>(_ square: V) -> V {
    V.paired(
      square,
      single: [-0x1.555422p-2, 0x1.10c636p-3, -0x1.ae99e2p-5, 0x1.09e9d8p-6],
      double: [
        -0x1.555555555554bp-2, 0x1.1111111110246p-3, -0x1.ba1ba1b9306bdp-5, 0x1.664f484870337p-6, -0x1.226e2cf1e394p-7,
        0x1.d6d2471a6d4bfp-9, -0x1.7d8ba9718d3e9p-10, 0x1.346206e8092f6p-11, -0x1.e81e83ba4fb53p-13, 0x1.59b9cdca4545p-14,
        -0x1.3df3bf8a0b016p-16,
      ])
  }

  /// (e²ˣ + 1) / 2 for 0 ≤ x ≤ 20. Reduced like `Exponential` but in steps of ln 2 / 2, with its coefficients times powers of
  /// two. ln 2 is in one piece: the error of n ln 2 / 2 grows with n, and n is small near 0, where the error would show.
  @inlinable @inline(__always)
  static func mean<V: Vector>(_ x: V) -> V {
    let shifted = x.multiplied(by: V.number(0x1.71547652b82fep+1), adding: V.magic)
    let r = (shifted - V.magic).multiplied(by: V.number(-0x1.62e42fefa39efp-2), adding: x)
    let tail = (r * r).multiplied(
      by: V.paired(
        r,
        single: [0x1.0p0, 0x1.55548ep-1, 0x1.55545cp-2, 0x1.123c78p-3, 0x1.6db668p-5],
        double: [
          0x1.0p0, 0x1.555555555555cp-1, 0x1.555555555555ep-2, 0x1.111111110eb2p-3, 0x1.6c16c16c13502p-5,
          0x1.a01a01b3f4b57p-7, 0x1.a01a01b47c1ddp-9, 0x1.71ddef01d506bp-11, 0x1.27e4bee232fb1p-13, 0x1.af6dceafe41a2p-16,
          0x1.1f9e643f21282p-18,
        ]),
      adding: r)
    let power = V.power(ofTwo: shifted.bits &- V.magic.bits)
    return tail.multiplied(by: power, adding: power.multiplied(by: V.number(0.5), adding: V.number(0.5)))
  }
}

/// sinh x = (t + t / (t + 1)) / 2 with t = e^|x| − 1, and e^|x| / 2 where t would overflow.
public enum HyperbolicSine: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V {
    let limit = V.number(single: 40, double: 80)
    let t = ExponentialMinusOne.pair(Pair(V.lower(limit, x.magnitude), V.number(0)))
    let sum = t + t / (t + V.number(1))
    let near = V.choose(V.less(x.magnitude, V.number(single: 0x1p-13, double: 0x1p-27)), x.magnitude, sum.high * V.number(0.5))
    return V.choose(V.less(limit, x.magnitude), halfExponential(x.magnitude), near).flipped(by: x.sign)
  }

  /// eˣ / 2, without an overflow of eˣ.
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

/// arsinh x = ln(1 + |x| + x² / (1 + √(1 + x²))) with the sign of x; ln 2|x| where x² is much larger than 1.
public enum InverseHyperbolicSine: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V {
    let limit = V.number(single: 0x1p14, double: 0x1p30)
    let m = V.lower(limit, x.magnitude)
    let square = Pair.product(m, m)
    let root = (square + V.number(1)).squareRoot
    let y = LogarithmOnePlus.onePlus(square / (root + V.number(1)) + m)
    let near = V.choose(V.less(m, V.number(single: 0x1p-13, double: 0x1p-27)), m, y)
    return V.choose(V.less(limit, x.magnitude), x.magnitude.logarithmOfDouble, near).keepingNaN(of: x).flipped(by: x.sign)
  }
}

/// arcosh x = ln(1 + t + √(2t + t²)) with t = x − 1; ln 2x where x is large; NaN below 1.
public enum InverseHyperbolicCosine: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V {
    let limit = V.number(single: 0x1p14, double: 0x1p30)
    let t = Pair.sum(V.lower(limit, x), V.number(-1))
    let square = t * (t + V.number(2))
    let root = square.squareRoot
    // At 0, the correction of the root is 0 / 0.
    let safe = Pair(
      V.choose(V.equal(square.high, V.number(0)), V.number(0), root.high),
      V.choose(V.equal(square.high, V.number(0)), V.number(0), root.low))
    let y = LogarithmOnePlus.onePlus(safe + t)
    let limited = V.choose(V.less(limit, x), x.logarithmOfDouble, y)
    return V.choose(V.lessOrEqual(V.number(1), x), limited, V.number(.nan))
  }
}

/// artanh x = ln(1 + 2|x| / (1 − |x|)) / 2 with the sign of x; infinite at ±1, NaN beyond.
public enum InverseHyperbolicTangent: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V {
    let m = x.magnitude
    let ratio = Pair(m + m, V.number(0)) / Pair.sum(V.number(1), m.negated)
    let y = LogarithmOnePlus.onePlus(ratio) * V.number(0.5)
    let near = V.choose(V.less(m, V.number(single: 0x1p-13, double: 0x1p-27)), m, y)
    let limit = V.choose(V.equal(m, V.number(1)), V.infinity, V.number(.nan))
    return V.choose(V.less(m, V.number(1)), near, limit).flipped(by: x.sign)
  }
}

extension Vector {
  /// ln 2x for a large x.
  @inlinable @inline(__always)
  var logarithmOfDouble: Self {
    let (k, f) = Logarithm.parts(ofNormal: self)
    let number = Self(bits: k &+ Self.magic.bits) - Self.magic
    return Self.choose(Self.less(self, Self.infinity), Logarithm.combined(number + Self.number(1), f, Self.number(0)), self)
  }
}
