extension NDArray {
  /// The factors of a matrix A = Q R: the columns of Q are orthonormal, R is upper triangular and its diagonal not negative.
  ///
  /// `[..., m, n]` gives `[..., m, k]` and `[..., k, n]`, k the smaller of m and n. By Householder reflections in float64.
  ///
  ///     let (q, r) = NDArray.identity(3).qr()
  public func qr() -> (q: NDArray, r: NDArray) {
    let matrices = matrices("qr")
    let (m, n, batch) = (shape[rank - 2], shape[rank - 1], batchShape)
    let k = Swift.min(m, n)
    if count == 0 {
      return (NDArray.zeros(batch.followed(by: [m, k]), type), NDArray.zeros(batch.followed(by: [k, n]), type))
    }
    let factors = matrices.map(orthogonalFactors)
    return (
      NDArray(factors.map(\.q), m, k, batch: batch, type), NDArray(factors.map(\.r), k, n, batch: batch, type)
    )
  }
}

/// Each column is reflected onto the axis of its number; the reflections, applied to the identity backwards, are Q.
private func orthogonalFactors(_ matrix: ColumnMatrix) -> (q: ColumnMatrix, r: ColumnMatrix) {
  var a = matrix
  let (m, n) = (a.rowCount, a.columnCount)
  let k = Swift.min(m, n)
  var reflectors: [[Double]] = []
  a.withColumns { a in
    for column in 0..<k {
      let start = a + column * m + column
      let reflector = reflector(start, m - column)
      for other in column..<n { reflect(a + other * m + column, reflector) }
      reflectors.append(reflector)
    }
  }
  var q = ColumnMatrix(identity: m, k)
  q.withColumns { q in
    for (column, reflector) in reflectors.enumerated().reversed() {
      for other in column..<k { reflect(q + other * m + column, reflector) }
    }
  }
  var r = ColumnMatrix(identity: k, n)
  for row in 0..<k {
    // The sign of each row of R is free, with that of the column of Q.
    let sign = a[row, row] < 0 ? -1.0 : 1.0
    for column in 0..<n { r[row, column] = column < row ? 0 : sign * a[row, column] }
    if sign < 0 { for i in 0..<m { q[i, row] = -q[i, row] } }
  }
  return (q, r)
}

/// v with (1 − v vᵀ) x along the first axis; its length is √2, or zero where nothing needs reflecting.
private func reflector(_ x: UnsafePointer<Double>, _ n: Int) -> [Double] {
  var v = Array(UnsafeBufferPointer(start: x, count: n))
  let largest = v.reduce(0) { Swift.max($0, abs($1)) }
  if largest == 0 || !largest.isFinite { return Array(repeating: largest.isFinite ? 0 : .nan, count: n) }
  for i in 0..<n { v[i] /= largest }
  let norm = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
  v[0] += v[0] < 0 ? -norm : norm
  let length = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
  let scale = 2.0.squareRoot() / length
  for i in 0..<n { v[i] *= scale }
  return v
}

/// x ← (1 − v vᵀ) x.
private func reflect(_ x: UnsafeMutablePointer<Double>, _ v: [Double]) {
  v.withUnsafeBufferPointer { buffer in
    guard let v = buffer.baseAddress else { return }
    addMultiple(-dotProduct(v, x, buffer.count), v, to: x, buffer.count)
  }
}
