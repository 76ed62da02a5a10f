/// The smaller; NaN where either is NaN.
public enum Minimum: BinaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V, _ y: V) -> V { V.choose(V.less(y, x), y, x).keepingNaN(of: y) }
}

/// The larger; NaN where either is NaN.
public enum Maximum: BinaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V, _ y: V) -> V { V.choose(V.less(x, y), y, x).keepingNaN(of: y) }
}

/// x clamped to a…b; NaN stays NaN.
public enum Clip: ParametricFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V, _ a: V, _ b: V) -> V { V.lower(b, V.higher(a, x)) }
}
