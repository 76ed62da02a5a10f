/// Reduces `n` contiguous elements to one number. Blocks run as four independent vectors; several blocks are combined pairwise.
@inlinable @inline(__always)
func foldRow<F: Fold, V: Vector>(_: F.Type, _: V.Type, _ x: UnsafePointer<V.Scalar>, _ n: Int, _ parameter: V) -> V.Scalar {
  let lanes = V.scalarCount
  let identity = V(repeating: V.Scalar(F.identity))
  var total = identity
  var j = 0
  if n >= 8 &* lanes {
    total = foldBlock(F.self, V.self, x, n, &j, parameter)
    if j &+ 4 &* lanes <= n {
      var blocks = Pairwise<F, V, 1>(F.self)
      blocks.append([total])
      while j &+ 4 &* lanes <= n { blocks.append([foldBlock(F.self, V.self, x, n, &j, parameter)]) }
      total = blocks.result[0]
    }
  }
  while j &+ lanes <= n {
    total = F.combine(total, F.map(V.load(x + j), parameter))
    j &+= lanes
  }
  if j < n {
    total = F.combine(total, keepingLanes(F.map(partialLoad(V.self, x + j, n &- j), parameter), n &- j, identity))
  }
  return foldLanes(F.self, total)
}

/// Reduces at most 128 vectors from j on, as four independent chains, and moves j past them. Out of line, because short rows
/// and the blocks of long ones share it.
@inlinable @inline(never)
func foldBlock<F: Fold, V: Vector>(
  _: F.Type, _: V.Type, _ x: UnsafePointer<V.Scalar>, _ n: Int, _ j: inout Int, _ parameter: V
) -> V {
  let lanes = V.scalarCount
  let identity = V(repeating: V.Scalar(F.identity))
  let end = min(n &- 4 &* lanes, j &+ 124 &* lanes)
  var (a, b, c, d) = (identity, identity, identity, identity)
  while j <= end {
    let p = x + j
    a = F.combine(a, F.map(V.load(p), parameter))
    b = F.combine(b, F.map(V.load(p + lanes), parameter))
    c = F.combine(c, F.map(V.load(p + 2 &* lanes), parameter))
    d = F.combine(d, F.map(V.load(p + 3 &* lanes), parameter))
    j &+= 4 &* lanes
  }
  return F.combine(F.combine(a, b), F.combine(c, d))
}

/// Reduces each row: y[i] = fold(row i) / divisor.
@inlinable @inline(__always)
func foldRows<F: Fold, V: Vector>(
  _: F.Type, _: V.Type, _ x: UnsafePointer<V.Scalar>, _ row: Int, _ rows: Int, _ n: Int,
  _ parameters: UnsafePointer<V.Scalar>?, _ divisor: V.Scalar, _ y: UnsafeMutablePointer<V.Scalar>
) {
  for i in 0..<rows {
    let parameter = V(repeating: parameters.map { $0[i] } ?? 0)
    y[i] = foldRow(F.self, V.self, x + i &* row, n, parameter) / divisor
  }
}
