/// Matrix products at one width.
public struct ProductKernels: Sendable {
  /// y ← y + a·x for n elements.
  public let scaledAddition: @Sendable (_ a: Double, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, _ n: Int) -> Void

  @inlinable @inline(__always)
  public init<V: Vector>(_ vector: V.Type) {
    scaledAddition = { a, x, y, n in
      let x = x.assumingMemoryBound(to: V.Scalar.self)
      let y = y.assumingMemoryBound(to: V.Scalar.self)
      let a = V(repeating: V.Scalar(a))
      var i = 0
      while i &+ V.scalarCount <= n {
        V.load(x + i).multiplied(by: a, adding: V.load(y + i)).store(y + i)
        i &+= V.scalarCount
      }
      while i < n {
        y[i] += a[0] * x[i]
        i &+= 1
      }
    }
  }
}
