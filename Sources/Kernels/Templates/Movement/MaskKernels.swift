/// A logical operation on two masks.
public enum MaskOperation: UInt8, CaseIterable, Sendable {
  case or, and, exclusiveOr
}

/// Loops over masks, whose elements are bytes, 0 or 1. The loops are scalar; the compiler vectorises them.
public struct MaskKernels: Sendable {
  /// out[i] ← x[i · dx] ∘ y[i · dy] for n bytes and any steps; out is contiguous.
  public let combine:
    @Sendable (
      _ operation: MaskOperation, _ x: UnsafePointer<UInt8>, _ dx: Int, _ y: UnsafePointer<UInt8>, _ dy: Int,
      _ out: UnsafeMutablePointer<UInt8>, _ n: Int
    ) -> Void

  /// How many of n bytes are 1.
  public let count: @Sendable (_ x: UnsafePointer<UInt8>, _ n: Int) -> Int

  /// Whether two masks of n bytes are equal.
  public let areEqual: @Sendable (_ x: UnsafePointer<UInt8>, _ y: UnsafePointer<UInt8>, _ n: Int) -> Bool

  // The loops are the same at every width but are compiled for different instruction sets: the type parameter keeps their
  // symbols apart.
  @inlinable @inline(__always)
  init<V: Vector>(_: V.Type) {
    combine = { operation, x, dx, y, dy, out, n in
      switch operation {
      case .or: combineMasks(V.self, x, dx, y, dy, out, n) { $0 | $1 }
      case .and: combineMasks(V.self, x, dx, y, dy, out, n) { $0 & $1 }
      case .exclusiveOr: combineMasks(V.self, x, dx, y, dy, out, n) { $0 ^ $1 }
      }
    }
    count = { x, n in countMask(V.self, x, n) }
    areEqual = { x, y, n in areEqualMasks(V.self, x, y, n) }
  }
}

@inlinable @inline(__always)
func combineMasks<V: Vector>(
  _: V.Type, _ x: UnsafePointer<UInt8>, _ dx: Int, _ y: UnsafePointer<UInt8>, _ dy: Int, _ out: UnsafeMutablePointer<UInt8>,
  _ n: Int, _ operation: (UInt8, UInt8) -> UInt8
) {
  if dx == 1 && dy == 1 {
    for i in 0..<n { out[i] = operation(x[i], y[i]) }
  } else if dx == 1 && dy == 0 {
    let y = y[0]
    for i in 0..<n { out[i] = operation(x[i], y) }
  } else {
    for i in 0..<n { out[i] = operation(x[i &* dx], y[i &* dy]) }
  }
}

@inlinable @inline(__always)
func countMask<V: Vector>(_: V.Type, _ x: UnsafePointer<UInt8>, _ n: Int) -> Int {
  var (total, start) = (0, 0)
  while start < n {
    // Blocks so short that 32 bits hold their count: a vector has twice as many 32-bit lanes as 64-bit lanes.
    let end = min(n, start &+ 1 << 16)
    var sum: UInt32 = 0
    for i in start..<end { sum &+= UInt32(x[i]) }
    total &+= Int(sum)
    start = end
  }
  return total
}

@inlinable @inline(__always)
func areEqualMasks<V: Vector>(_: V.Type, _ x: UnsafePointer<UInt8>, _ y: UnsafePointer<UInt8>, _ n: Int) -> Bool {
  var start = 0
  while start < n {
    // A block without a branch, which vectorises, then one test.
    let end = min(n, start &+ 1 << 12)
    var difference: UInt8 = 0
    for i in start..<end { difference |= x[i] ^ y[i] }
    if difference != 0 { return false }
    start = end
  }
  return true
}
