public enum Negation: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V { x.negated }
}

public enum Magnitude: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V { x.magnitude }
}

/// −1, 0 or 1. NaN and signed zeros are returned unchanged.
public enum Signum: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V {
    V.choose(V.less(V.number(0), x.magnitude), V(bits: V.number(1).bits | x.sign), x)
  }
}

public enum Square: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V { x * x }
}

public enum SquareRoot: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V { x.squareRoot() }
}

public enum ReciprocalSquareRoot: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V { V.number(1) / x.squareRoot() }
}

public enum Reciprocal: UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V) -> V { V.number(1) / x }
}

public enum Addition: BinaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V, _ y: V) -> V { x + y }
}

public enum Subtraction: BinaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V, _ y: V) -> V { x - y }
}

public enum Multiplication: BinaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V, _ y: V) -> V { x * y }
}

public enum Division: BinaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V, _ y: V) -> V { x / y }
}

/// x y (1 − y).
public enum SigmoidSlope: BinaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V, _ y: V) -> V { x * (y * (V.number(1) - y)) }
}

/// x (1 − y²).
public enum TangentSlope: BinaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V, _ y: V) -> V { x * (V.number(1) - y * y) }
}

/// x · y + z, rounded once where the vector width has a fused multiply-add.
public enum MultiplyAdd: TernaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V, _ y: V, _ z: V) -> V { x.multiplied(by: y, adding: z) }
}

/// x y z (1 − z).
public enum ProductSigmoidSlope: TernaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V, _ y: V, _ z: V) -> V { SigmoidSlope.apply(x * y, z) }
}

/// x y (1 − z²).
public enum ProductTangentSlope: TernaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V, _ y: V, _ z: V) -> V { TangentSlope.apply(x * y, z) }
}

/// (x − y) z.
public enum Deviation: TernaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V, _ y: V, _ z: V) -> V { (x - y) * z }
}
