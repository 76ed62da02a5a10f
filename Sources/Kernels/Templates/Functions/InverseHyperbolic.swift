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
