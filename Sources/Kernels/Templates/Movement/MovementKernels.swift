/// Copies that rearrange or convert elements, at one width.
public struct MovementKernels: Sendable {
  /// Copies a plane: element (i, j) from `x + i·xRow + j·xColumn` to `y + i·yRow + j·yColumn`.
  public let copyPlane:
    @Sendable (
      _ x: UnsafeRawPointer, _ xRow: Int, _ xColumn: Int, _ y: UnsafeMutableRawPointer, _ yRow: Int, _ yColumn: Int,
      _ rows: Int, _ columns: Int
    ) -> Void

  /// y[i] = x[i], converted from the other element type.
  public let convert: @Sendable (_ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, _ count: Int) -> Void

  /// y[i] = value where the mask's byte i is not 0, else 0.
  public let expand:
    @Sendable (_ mask: UnsafePointer<UInt8>, _ value: Double, _ y: UnsafeMutableRawPointer, _ count: Int) -> Void

  @inlinable @inline(__always)
  public init<V: Vector>(_ vector: V.Type) {
    copyPlane = { x, xRow, xColumn, y, yRow, yColumn, rows, columns in
      let x = x.assumingMemoryBound(to: V.Scalar.self)
      let y = y.assumingMemoryBound(to: V.Scalar.self)
      if xColumn == 1 && yColumn == 1 {
        copyRows(V.self, x, xRow, y, yRow, rows, columns)
      } else if xRow == 1 && yColumn == 1 {
        copyTransposed(V.self, x, xColumn, y, yRow, rows, columns)
      } else {
        copyScattered(x, xRow, xColumn, y, yRow, yColumn, rows, columns)
      }
    }
    convert = { x, y, count in
      let y = y.assumingMemoryBound(to: V.Scalar.self)
      if V.Scalar.self == Double.self {
        let x = x.assumingMemoryBound(to: Float.self)
        for i in 0..<count { y[i] = V.Scalar(x[i]) }
      } else {
        let x = x.assumingMemoryBound(to: Double.self)
        for i in 0..<count { y[i] = V.Scalar(x[i]) }
      }
    }
    expand = { mask, value, y, count in
      let y = y.assumingMemoryBound(to: V.Scalar.self)
      let value = V.Scalar(value)
      for i in 0..<count { y[i] = mask[i] != 0 ? value : 0 }
    }
  }
}

/// Rows that are contiguous on both sides.
@inlinable @inline(__always)
func copyRows<V: Vector>(
  _: V.Type, _ x: UnsafePointer<V.Scalar>, _ xRow: Int, _ y: UnsafeMutablePointer<V.Scalar>, _ yRow: Int, _ rows: Int,
  _ columns: Int
) {
  for i in 0..<rows {
    let source = x + i &* xRow
    let target = y + i &* yRow
    var j = 0
    while j &+ V.scalarCount <= columns {
      V.load(source + j).store(target + j)
      j &+= V.scalarCount
    }
    while j < columns {
      target[j] = source[j]
      j &+= 1
    }
  }
}

/// Columns that are contiguous in the source become contiguous rows of the target, a square of vectors at a time.
@inlinable @inline(__always)
func copyTransposed<V: Vector>(
  _: V.Type, _ x: UnsafePointer<V.Scalar>, _ xColumn: Int, _ y: UnsafeMutablePointer<V.Scalar>, _ yRow: Int, _ rows: Int,
  _ columns: Int
) {
  let lanes = V.scalarCount
  var i = 0
  while i &+ lanes <= rows {
    var j = 0
    while j &+ lanes <= columns {
      transposeSquare(V.self, x + i + j &* xColumn, stride: xColumn, into: y + i &* yRow + j, yRow)
      j &+= lanes
    }
    copyScattered(x + i + j &* xColumn, 1, xColumn, y + i &* yRow + j, yRow, 1, lanes, columns &- j)
    i &+= lanes
  }
  copyScattered(x + i, 1, xColumn, y + i &* yRow, yRow, 1, rows &- i, columns)
}

@inlinable @inline(__always)
func copyScattered<Scalar>(
  _ x: UnsafePointer<Scalar>, _ xRow: Int, _ xColumn: Int, _ y: UnsafeMutablePointer<Scalar>, _ yRow: Int, _ yColumn: Int,
  _ rows: Int, _ columns: Int
) {
  for i in 0..<max(0, rows) {
    for j in 0..<max(0, columns) { y[i &* yRow &+ j &* yColumn] = x[i &* xRow &+ j &* xColumn] }
  }
}
