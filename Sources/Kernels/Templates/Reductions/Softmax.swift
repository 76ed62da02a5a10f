/// Calls `body` with each vector of a row, its position and the number of its lanes that exist.
@inlinable @inline(__always)
func forEachVector<V: Vector>(
  _: V.Type, _ x: UnsafePointer<V.Scalar>, _ n: Int, _ body: (_ vector: V, _ position: Int, _ count: Int) -> Void
) {
  var j = 0
  while j &+ V.scalarCount <= n {
    body(V.load(x + j), j, V.scalarCount)
    j &+= V.scalarCount
  }
  if j < n { body(partialLoad(V.self, x + j, n &- j), j, n &- j) }
}

@inlinable @inline(__always)
func storeLanes<V: Vector>(_ vector: V, _ y: UnsafeMutablePointer<V.Scalar>, _ count: Int) {
  if count == V.scalarCount { vector.store(y) } else { partialStore(vector, y, count) }
}

/// y[j] = exp(x[j] − shift); returns their sum.
@inlinable @inline(__always)
func exponentials<V: Vector>(
  _: V.Type, _ x: UnsafePointer<V.Scalar>, _ n: Int, _ shift: V.Scalar, _ y: UnsafeMutablePointer<V.Scalar>
) -> V.Scalar {
  let m = V(repeating: shift)
  forEachVector(V.self, x, n) { vector, j, count in storeLanes(Exponential.apply(vector - m), y + j, count) }
  return foldRow(Sum.self, V.self, y, n, V())
}

/// y = exp(x − max x) / Σ exp(x − max x) of each row.
@inlinable @inline(__always)
func softmaxRows<V: Vector>(
  _: V.Type, _ x: UnsafePointer<V.Scalar>, _ row: Int, _ rows: Int, _ n: Int, _ y: UnsafeMutablePointer<V.Scalar>
) {
  for i in 0..<rows {
    let (x, y) = (x + i &* row, y + i &* n)
    let largest = foldRow(Largest.self, V.self, x, n, V())
    let sum = V(repeating: exponentials(V.self, x, n, largest, y))
    forEachVector(V.self, y, n) { vector, j, count in storeLanes(vector / sum, y + j, count) }
  }
}

/// y = x − max x − ln Σ exp(x − max x) of each row.
@inlinable @inline(__always)
func logSoftmaxRows<V: Vector>(
  _: V.Type, _ x: UnsafePointer<V.Scalar>, _ row: Int, _ rows: Int, _ n: Int, _ y: UnsafeMutablePointer<V.Scalar>
) {
  for i in 0..<rows {
    let (x, y) = (x + i &* row, y + i &* n)
    let largest = foldRow(Largest.self, V.self, x, n, V())
    let sum = exponentials(V.self, x, n, largest, y)
    let shift = V(repeating: largest)
    let logarithm = Logarithm.apply(V(repeating: sum))
    forEachVector(V.self, x, n) { vector, j, count in storeLanes((vector - shift) - logarithm, y + j, count) }
  }
}

/// max x + ln Σ exp(x − max x) of each row, without a NaN from infinities. `scratch` holds a row.
@inlinable @inline(__always)
func logSumExpRows<V: Vector>(
  _: V.Type, _ x: UnsafePointer<V.Scalar>, _ row: Int, _ rows: Int, _ n: Int, _ y: UnsafeMutablePointer<V.Scalar>,
  _ scratch: UnsafeMutablePointer<V.Scalar>
) {
  for i in 0..<rows {
    let x = x + i &* row
    let largest = foldRow(Largest.self, V.self, x, n, V())
    // ∞ − ∞ would be NaN; unshifted, the exponentials are 0 or infinite and give the right limit.
    let shift = largest.isInfinite ? 0 : largest
    let sum = exponentials(V.self, x, n, shift, scratch)
    y[i] = shift + Logarithm.apply(V(repeating: sum))[0]
  }
}
