/// Reduces the rows of a matrix to one row: rows are combined as vectors, blocks of rows pairwise.
@inlinable @inline(__always)
func foldColumns<F: Fold, V: Vector>(
  _: F.Type, _: V.Type, _ x: UnsafePointer<V.Scalar>, _ row: Int, _ rows: Int, _ columns: Int,
  _ parameters: UnsafePointer<V.Scalar>?, _ divisor: V.Scalar, _ y: UnsafeMutablePointer<V.Scalar>
) {
  let lanes = V.scalarCount
  var j = 0
  while j &+ 4 &* lanes <= columns {
    ColumnStrip<F, V, 4>.fold(x + j, row, rows, parameters.map { $0 + j }, divisor, y + j)
    j &+= 4 &* lanes
  }
  while j &+ lanes <= columns {
    ColumnStrip<F, V, 1>.fold(x + j, row, rows, parameters.map { $0 + j }, divisor, y + j)
    j &+= lanes
  }
  if j == columns { return }
  if columns >= lanes {
    // The last vector overlaps columns that are done already, and computes the same results for them again.
    j = columns &- lanes
    ColumnStrip<F, V, 1>.fold(x + j, row, rows, parameters.map { $0 + j }, divisor, y + j)
  } else {
    ColumnStrip<F, V, 1>.foldNarrow(x, row, rows, columns, parameters, divisor, y)
  }
}

/// A strip of `width` vectors of columns. A type, so that its loops are straight-line over the vectors and stay a function of
/// their own.
@frozen
public enum ColumnStrip<F: Fold, V: Vector, let width: Int> {
  public typealias Scalar = V.Scalar

  @inlinable @inline(never)
  public static func fold(
    _ x: UnsafePointer<Scalar>, _ row: Int, _ rows: Int, _ parameters: UnsafePointer<Scalar>?, _ divisor: Scalar,
    _ y: UnsafeMutablePointer<Scalar>
  ) {
    var centre = InlineArray<width, V>(repeating: V())
    if let parameters {
      for j in 0..<width { centre[j] = V.load(parameters + j &* V.scalarCount) }
    }
    var blocks = Pairwise<F, V, width>(F.self)
    var i = 0
    while i < rows {
      // 32 rows are added one after another, then blocks pairwise: see `Pairwise` for the error.
      let end = min(rows, i &+ 32)
      var sums = InlineArray<width, V>(repeating: V(repeating: Scalar(F.identity)))
      while i < end {
        let p = x + i &* row
        for j in 0..<width { sums[j] = F.combine(sums[j], F.map(V.load(p + j &* V.scalarCount), centre[j])) }
        i &+= 1
      }
      blocks.append(sums)
    }
    let total = blocks.result
    for j in 0..<width { (total[j] / V(repeating: divisor)).store(y + j &* V.scalarCount) }
  }

  /// Fewer columns than a vector has lanes.
  @inlinable @inline(never)
  public static func foldNarrow(
    _ x: UnsafePointer<Scalar>, _ row: Int, _ rows: Int, _ columns: Int, _ parameters: UnsafePointer<Scalar>?,
    _ divisor: Scalar, _ y: UnsafeMutablePointer<Scalar>
  ) {
    let centre = parameters.map { partialLoad(V.self, $0, columns) } ?? V()
    var blocks = Pairwise<F, V, 1>(F.self)
    var i = 0
    while i < rows {
      let end = min(rows, i &+ 32)
      var sum = V(repeating: Scalar(F.identity))
      while i < end {
        sum = F.combine(sum, F.map(partialLoad(V.self, x + i &* row, columns), centre))
        i &+= 1
      }
      blocks.append([sum])
    }
    partialStore(blocks.result[0] / V(repeating: divisor), y, columns)
  }
}
