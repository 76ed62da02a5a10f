/// Transposes a square of `scalarCount` rows, each one vector long: lane j of row i goes to lane i of row j.
///
/// Interleaving row i with row i + n/2 rotates the bits of the index (row, lane) by one place; log₂ n such rounds exchange row
/// and lane. Every round is register shuffles. Source and target may be the same square.
@inlinable @inline(__always)
public func transposeSquare<V: Vector>(
  _: V.Type, _ source: UnsafePointer<V.Scalar>, stride: Int, into target: UnsafeMutablePointer<V.Scalar>, _ targetStride: Int
) {
  if V.scalarCount == 16 {
    transpose16(source, stride, target, targetStride)
  } else if V.scalarCount == 8 {
    transpose8(source, stride, target, targetStride)
  } else if V.scalarCount == 4 {
    transpose4(source, stride, target, targetStride)
  } else {
    let (a, b) = (V.load(source), V.load(source + stride))
    target[0] = a[0]
    target[1] = b[0]
    target[targetStride] = a[1]
    target[targetStride &+ 1] = b[1]
  }
}

@inlinable @inline(__always)
func transpose16<Scalar: KernelScalar>(
  _ source: UnsafePointer<Scalar>, _ stride: Int, _ target: UnsafeMutablePointer<Scalar>, _ targetStride: Int
) {
  var rows = InlineArray<16, SIMD16<Scalar>>(repeating: SIMD16<Scalar>())
  for i in 0..<16 { rows[i] = SIMD16<Scalar>.load(source + i &* stride) }
  for _ in 0..<4 {
    var next = rows
    for i in 0..<8 {
      next[2 &* i].evenHalf = rows[i].lowHalf
      next[2 &* i].oddHalf = rows[i &+ 8].lowHalf
      next[2 &* i &+ 1].evenHalf = rows[i].highHalf
      next[2 &* i &+ 1].oddHalf = rows[i &+ 8].highHalf
    }
    rows = next
  }
  for i in 0..<16 { rows[i].store(target + i &* targetStride) }
}

@inlinable @inline(__always)
func transpose8<Scalar: KernelScalar>(
  _ source: UnsafePointer<Scalar>, _ stride: Int, _ target: UnsafeMutablePointer<Scalar>, _ targetStride: Int
) {
  var rows = InlineArray<8, SIMD8<Scalar>>(repeating: SIMD8<Scalar>())
  for i in 0..<8 { rows[i] = SIMD8<Scalar>.load(source + i &* stride) }
  for _ in 0..<3 {
    var next = rows
    for i in 0..<4 {
      next[2 &* i].evenHalf = rows[i].lowHalf
      next[2 &* i].oddHalf = rows[i &+ 4].lowHalf
      next[2 &* i &+ 1].evenHalf = rows[i].highHalf
      next[2 &* i &+ 1].oddHalf = rows[i &+ 4].highHalf
    }
    rows = next
  }
  for i in 0..<8 { rows[i].store(target + i &* targetStride) }
}

@inlinable @inline(__always)
func transpose4<Scalar: KernelScalar>(
  _ source: UnsafePointer<Scalar>, _ stride: Int, _ target: UnsafeMutablePointer<Scalar>, _ targetStride: Int
) {
  var rows = InlineArray<4, SIMD4<Scalar>>(repeating: SIMD4<Scalar>())
  for i in 0..<4 { rows[i] = SIMD4<Scalar>.load(source + i &* stride) }
  for _ in 0..<2 {
    var next = rows
    for i in 0..<2 {
      next[2 &* i].evenHalf = rows[i].lowHalf
      next[2 &* i].oddHalf = rows[i &+ 2].lowHalf
      next[2 &* i &+ 1].evenHalf = rows[i].highHalf
      next[2 &* i &+ 1].oddHalf = rows[i &+ 2].highHalf
    }
    rows = next
  }
  for i in 0..<4 { rows[i].store(target + i &* targetStride) }
}
