/// Comparisons of two numbers; false where either is NaN, except `notEqual`.
public enum ComparisonOperation: UInt8, CaseIterable, Sendable {
  case less, lessOrEqual, equal, notEqual
}

/// out[i] ← 1 where the comparison of x[i · dx] and y[i · dy] holds, else 0, for n elements and any steps; out is contiguous
/// bytes.
public struct ComparisonKernel: Sendable {
  public let run:
    @Sendable (
      _ x: UnsafeRawPointer, _ dx: Int, _ y: UnsafeRawPointer, _ dy: Int, _ out: UnsafeMutableRawPointer, _ n: Int
    ) -> Void

  @inlinable @inline(__always)
  init<V: Vector>(_ vector: V.Type, _ operation: ComparisonOperation) {
    switch operation {
    case .less: self.init(vector) { $0 < $1 }
    case .lessOrEqual: self.init(vector) { $0 <= $1 }
    case .equal: self.init(vector) { $0 == $1 }
    case .notEqual: self.init(vector) { $0 != $1 }
    }
  }

  /// Scalar loops, which the compiler vectorises where the steps are 1 or 0.
  @inlinable @inline(__always)
  init<V: Vector>(_ vector: V.Type, _ holds: @escaping @Sendable (V.Scalar, V.Scalar) -> Bool) {
    run = { x, dx, y, dy, out, n in
      let x = x.assumingMemoryBound(to: V.Scalar.self)
      let y = y.assumingMemoryBound(to: V.Scalar.self)
      let out = out.assumingMemoryBound(to: UInt8.self)
      if dx == 1 && dy == 1 {
        for i in 0..<n { out[i] = holds(x[i], y[i]) ? 1 : 0 }
      } else if dx == 1 && dy == 0 {
        let y = y[0]
        for i in 0..<n { out[i] = holds(x[i], y) ? 1 : 0 }
      } else {
        for i in 0..<n { out[i] = holds(x[i &* dx], y[i &* dy]) ? 1 : 0 }
      }
    }
  }
}

/// out[i] ← x[i · dx] where mask[i · dm] is not 0, else y[i · dy], for n elements and any steps; out is contiguous.
public struct SelectionKernel: Sendable {
  public let run:
    @Sendable (
      _ mask: UnsafePointer<UInt8>, _ dm: Int, _ x: UnsafeRawPointer, _ dx: Int, _ y: UnsafeRawPointer, _ dy: Int,
      _ out: UnsafeMutableRawPointer, _ n: Int
    ) -> Void

  @inlinable @inline(__always)
  init<V: Vector>(_ vector: V.Type) {
    run = { mask, dm, x, dx, y, dy, out, n in
      let x = x.assumingMemoryBound(to: V.Scalar.self)
      let y = y.assumingMemoryBound(to: V.Scalar.self)
      let out = out.assumingMemoryBound(to: V.Scalar.self)
      if dm == 1 && dx == 1 && dy == 1 {
        for i in 0..<n {
          let (a, b) = (x[i], y[i])
          out[i] = mask[i] != 0 ? a : b
        }
      } else {
        for i in 0..<n {
          let (a, b) = (x[i &* dx], y[i &* dy])
          out[i] = mask[i &* dm] != 0 ? a : b
        }
      }
    }
  }
}
