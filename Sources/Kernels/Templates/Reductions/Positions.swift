/// The first position of the extreme of each row, or of the first NaN where there is one.
@inlinable @inline(__always)
func findExtremes<F: Fold, V: Vector>(
  _: F.Type, _: V.Type, _ x: UnsafePointer<V.Scalar>, _ row: Int, _ rows: Int, _ n: Int, _ y: UnsafeMutablePointer<Int32>
) {
  for i in 0..<rows {
    let x = x + i &* row
    let extreme = foldRow(F.self, V.self, x, n, V())
    var j = 0
    if extreme.isNaN {
      while j < n &- 1 && !x[j].isNaN { j &+= 1 }
    } else {
      while j < n &- 1 && x[j] != extreme { j &+= 1 }
    }
    y[i] = Int32(truncatingIfNeeded: j)
  }
}

/// y[k] = x[0] + … + x[k] along the middle axis of `[n, inner]`; both contiguous.
@inlinable @inline(__always)
func accumulate<V: Vector>(
  _: V.Type, _ x: UnsafePointer<V.Scalar>, _ n: Int, _ inner: Int, _ y: UnsafeMutablePointer<V.Scalar>
) {
  if inner == 1 {
    var sum: V.Scalar = 0
    for k in 0..<n {
      sum += x[k]
      y[k] = sum
    }
    return
  }
  for k in 0..<n {
    let (x, y) = (x + k &* inner, y + k &* inner)
    let before = k == 0 ? x : UnsafePointer(y - inner)
    let keep: V.Scalar = k == 0 ? 0 : 1
    forEachVector(V.self, x, inner) { vector, j, count in
      let previous = count == V.scalarCount ? V.load(before + j) : partialLoad(V.self, before + j, count)
      storeLanes(keep == 0 ? vector : vector + previous, y + j, count)
    }
  }
}
