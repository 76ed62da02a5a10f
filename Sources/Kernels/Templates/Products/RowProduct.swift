/// One row times a matrix with contiguous rows: c[j] ← start[j] + Σₖ a[k]·b[k, j].
///
/// The matrix is read once, so memory bandwidth is the limit: eight of its rows stream by together while the result stays in
/// the first-level cache. Every element is the same chain of multiply-adds as in a tile.
@inlinable @inline(__always)
func multiplyRow<V: Vector>(
  _: V.Type, _ a: Strided<V.Scalar>, _ b: UnsafePointer<V.Scalar>, row: Int, _ c: Output<V.Scalar>, columns: Int, depth: Int
) {
  if !c.accumulates {
    if let bias = c.bias {
      for j in 0..<columns { c.pointer[j] = bias[j] }
    } else {
      for j in 0..<columns { c.pointer[j] = 0 }
    }
  }
  var k = 0
  while k &+ 8 <= depth {
    addRows(RowGroup<8, V>.self, a, from: k, b, row: row, c.pointer, columns: columns)
    k &+= 8
  }
  while k < depth {
    addRows(RowGroup<1, V>.self, a, from: k, b, row: row, c.pointer, columns: columns)
    k &+= 1
  }
}

/// A type that carries the number of rows processed together, so that the loops over them unroll.
@frozen
@usableFromInline
enum RowGroup<let count: Int, V: Vector> {}

@inlinable @inline(__always)
func addRows<let count: Int, V: Vector>(
  _: RowGroup<count, V>.Type, _ a: Strided<V.Scalar>, from k: Int, _ b: UnsafePointer<V.Scalar>, row: Int,
  _ c: UnsafeMutablePointer<V.Scalar>, columns: Int
) {
  var factors = InlineArray<count, V>(repeating: V())
  for i in 0..<count { factors[i] = V(repeating: a.pointer[(k &+ i) &* a.step]) }
  let first = b + k &* row
  var j = 0
  while j &+ V.scalarCount <= columns {
    var sum = V.load(c + j)
    for i in 0..<count {
      sum = factors[i].multiplied(by: V.load(first + i &* row + j), adding: sum)
    }
    sum.store(c + j)
    j &+= V.scalarCount
  }
  // The same instruction as in the vectors, one element at a time, so that all columns round alike.
  while j < columns {
    var sum = V(repeating: c[j])
    for i in 0..<count {
      sum = factors[i].multiplied(by: V(repeating: first[i &* row &+ j]), adding: sum)
    }
    c[j] = sum[0]
    j &+= 1
  }
}
