/// Functions of single elements, at one width.
public struct ElementKernels: Sendable {
  @inlinable @inline(__always)
  public init<V: Vector>(_ vector: V.Type) {}
}
