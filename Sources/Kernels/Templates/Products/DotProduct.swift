/// One row times a matrix with contiguous columns: c[j] ← start[j] + ⟨a, column j⟩, for as many columns at a time as a vector
/// has lanes. Their partial sums, one vector per column, are transposed and added, which leaves one result per lane.
@inlinable @inline(__always)
func multiplyDots<V: Vector>(
  _: V.Type, _ a: UnsafePointer<V.Scalar>, _ b: UnsafePointer<V.Scalar>, column: Int, _ c: Output<V.Scalar>, columns: Int,
  depth: Int, scratch: UnsafeMutablePointer<V.Scalar>
) {
  let lanes = V.scalarCount
  var j = 0
  while j < columns {
    let group = min(lanes, columns &- j)
    dots(V.self, a, b + j &* column, column: column, group: group, depth: depth, scratch)
    for i in 0..<group {
      let start = c.accumulates ? c.pointer[j &+ i] : c.bias?[j &+ i] ?? 0
      c.pointer[j &+ i] = start + scratch[i]
    }
    j &+= lanes
  }
}

/// Writes the inner products of `a` with `group` ≤ `scalarCount` columns to the start of `scratch`, which holds `scalarCount`
/// vectors.
@inlinable @inline(__always)
func dots<V: Vector>(
  _: V.Type, _ a: UnsafePointer<V.Scalar>, _ b: UnsafePointer<V.Scalar>, column: Int, group: Int, depth: Int,
  _ scratch: UnsafeMutablePointer<V.Scalar>
) {
  let lanes = V.scalarCount
  if V.scalarCount == 16 {
    partialSums(RowGroup<16, V>.self, a, b, column: column, group: group, depth: depth, scratch)
  } else if V.scalarCount == 8 {
    partialSums(RowGroup<8, V>.self, a, b, column: column, group: group, depth: depth, scratch)
  } else if V.scalarCount == 4 {
    partialSums(RowGroup<4, V>.self, a, b, column: column, group: group, depth: depth, scratch)
  } else {
    partialSums(RowGroup<2, V>.self, a, b, column: column, group: group, depth: depth, scratch)
  }
  // After the transposition, lane i of every row belongs to column i: adding the rows sums each column, without horizontal
  // additions.
  transposeSquare(V.self, scratch, stride: lanes, into: scratch, lanes)
  var total = V()
  for i in 0..<lanes { total += V.load(scratch + i &* lanes) }
  total.store(scratch)
  // The depth that fills no vector, still by `multiplied(by:adding:)`, so that rounding is the same as in the vectors.
  var k = depth / lanes &* lanes
  while k < depth {
    for i in 0..<group {
      let product = V(repeating: a[k]).multiplied(by: V(repeating: b[i &* column &+ k]), adding: V(repeating: scratch[i]))
      scratch[i] = product[0]
    }
    k &+= 1
  }
}

/// A vector of partial sums for each of `group` columns; missing columns repeat the last one, so that the loop stays
/// straight-line.
@inlinable @inline(__always)
func partialSums<let count: Int, V: Vector>(
  _: RowGroup<count, V>.Type, _ a: UnsafePointer<V.Scalar>, _ b: UnsafePointer<V.Scalar>, column: Int, group: Int, depth: Int,
  _ sums: UnsafeMutablePointer<V.Scalar>
) {
  var total = InlineArray<count, V>(repeating: V())
  var starts = InlineArray<count, Int>(repeating: 0)
  for i in 0..<count { starts[i] = min(i, group &- 1) &* column }
  var k = 0
  while k &+ V.scalarCount <= depth {
    let x = V.load(a + k)
    for i in 0..<count { total[i] = x.multiplied(by: V.load(b + starts[i] + k), adding: total[i]) }
    k &+= V.scalarCount
  }
  for i in 0..<count { total[i].store(sums + i &* V.scalarCount) }
}
