/// max(x, 0); NaN stays.
public enum Rectifier: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V { V.higher(V.number(0), x) }
}

/// 1 above a, b elsewhere; NaN stays.
public enum Step: ParametricFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V, _ a: V, _ b: V) -> V {
    V.choose(V.equal(x, x), V.choose(V.less(a, x), V.number(1), b), x)
  }
}

/// x above 0, a · x below.
public enum LeakyRectifier: ParametricFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V, _ a: V, _ b: V) -> V { V.choose(V.less(V.number(0), x), x, x * a) }
}

/// x above 0, a (eˣ − 1) below.
public enum ExponentialUnit: ParametricFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V, _ a: V, _ b: V) -> V {
    V.choose(V.less(V.number(0), x), x, ExponentialMinusOne.apply(x) * a)
  }
}

/// λx above 0, λα (eˣ − 1) below, with the constants λ and α of Klambauer et al. (2017), for which activations keep zero mean
/// and unit variance.
public enum ScaledExponentialUnit: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V {
    V.choose(
      V.less(V.number(0), x), x * V.number(0x1.0cfabd6a91132p+0), ExponentialMinusOne.apply(x) * V.number(0x1.c212cc640f031p+0))
  }
}

/// x / (1 + |x|).
public enum Softsign: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V { x / (x.magnitude + V.number(1)) }
}

/// (x + 3) / 6, clamped to 0…1.
public enum HardSigmoid: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V {
    V.lower(V.number(1), V.higher(V.number(0), (x + V.number(3)) / V.number(6)))
  }
}
