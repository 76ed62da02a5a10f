/// Sums, extrema and the like along an axis, at one width.
public struct ReductionKernels: Sendable {
  @inlinable @inline(__always)
  public init<V: Vector>(_ vector: V.Type) {}
}
