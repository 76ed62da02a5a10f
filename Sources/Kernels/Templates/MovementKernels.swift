/// Copies that rearrange elements of 1, 4 or 8 bytes, at one width.
public struct MovementKernels: Sendable {
  @inlinable @inline(__always)
  public init<V: Vector>(_ vector: V.Type) {}
}
