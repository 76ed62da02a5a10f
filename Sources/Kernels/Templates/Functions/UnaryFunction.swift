/// A function of one number with two parameters (bounds, a slope), written for vectors of either element type.
public protocol ParametricFunction: SendableMetatype {
  static func apply<V: Vector>(_ x: V, _ a: V, _ b: V) -> V
}

/// A function of one number.
public protocol UnaryFunction: ParametricFunction {
  static func apply<V: Vector>(_ x: V) -> V
}

extension UnaryFunction {
  @inlinable @inline(__always)
  public static func apply<V: Vector>(_ x: V, _ a: V, _ b: V) -> V { apply(x) }
}

/// A function of two numbers.
public protocol BinaryFunction: SendableMetatype {
  static func apply<V: Vector>(_ x: V, _ y: V) -> V
}

/// A function of three numbers.
public protocol TernaryFunction: SendableMetatype {
  static func apply<V: Vector>(_ x: V, _ y: V, _ z: V) -> V
}
