/// Copies `columns` columns of a matrix into a panel: row k of the panel holds `panelWidth` neighbouring elements, padded with
/// zeros. Element (k, j) of the source lies at `source + k·row + j·column`.
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
    // The source is transposed: its columns are contiguous. It is transposed in registers, a square of vectors at a time.
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

/// Copies a block of the left operand, scaled, so that its rows lie close together: a first-level cache maps rows that are a
/// power of two apart to the same few sets. Whichever of rows and columns is contiguous stays contiguous; `stride` is the
/// distance of the others.
@inlinable @inline(__always)
func packBlock<V: Vector>(
  _: V.Type, _ a: Strided<V.Scalar>, rows: Int, depth: Int, scale: V.Scalar, into block: UnsafeMutablePointer<V.Scalar>,
  stride: Int
) {
  let turned = a.step != 1 && a.row == 1
  let (lines, length) = turned ? (depth, rows) : (rows, depth)
  let (line, step) = turned ? (a.step, a.row) : (a.row, a.step)
  let factor = V(repeating: scale)
  for i in 0..<lines {
    let source = a.pointer + i &* line
    let target = block + i &* stride
    var k = 0
    if step == 1 {
      while k &+ V.scalarCount <= length {
        (V.load(source + k) * factor).store(target + k)
        k &+= V.scalarCount
      }
    }
    while k < length {
      target[k] = source[k &* step] * scale
      k &+= 1
    }
  }
}
