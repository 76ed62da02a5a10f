/// Copies `columns` columns of a matrix into a panel: row k of the panel holds `panelWidth` neighbours, the missing ones zero.
/// Element (k, j) of the source lies at `source + k·row + j·column`.
@inlinable @inline(__always)
func packPanel<V: Vector>(
  _: V.Type, _ source: UnsafePointer<V.Scalar>, row: Int, column: Int, depth: Int, columns: Int,
  into panel: UnsafeMutablePointer<V.Scalar>
) {
  let width = V.panelWidth
  if columns == width && column == 1 {
    var k = 0
    while k < depth {
      let first = V.load(source + k &* row)
      let second = V.load(source + k &* row + V.scalarCount)
      first.store(panel + k &* width)
      second.store(panel + k &* width + V.scalarCount)
      k &+= 1
    }
    return
  }
  var k = 0
  if columns == width && row == 1 {
    // The source is transposed: its columns are contiguous. Squares of vectors are transposed in registers.
    while k &+ V.scalarCount <= depth {
      let corner = panel + k &* width
      transposeSquare(V.self, source + k, stride: column, into: corner, width)
      transposeSquare(
        V.self, source + k + V.scalarCount &* column, stride: column, into: corner + V.scalarCount, width)
      k &+= V.scalarCount
    }
  }
  while k < depth {
    for j in 0..<columns { panel[k &* width &+ j] = source[k &* row &+ j &* column] }
    for j in columns..<width { panel[k &* width &+ j] = 0 }
    k &+= 1
  }
}
