extension NDArray {
  /// The QR factors of a matrix A = Q R: Q has orthonormal columns, R is upper triangular with a non-negative diagonal.
  ///
  /// `[..., m, n]` gives `[..., m, k]` and `[..., k, n]`, with k the smaller of m and n. By Householder reflections in float64.
  /// A matrix that is not finite gives NaN.
  package func qr() -> (q: NDArray, r: NDArray) {
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

/// Householder QR: column j is reflected onto axis j; the reflections, applied to the identity in reverse order, give Q. They
/// are applied in blocks, so that the remaining columns are updated by matrix products.
private func orthogonalFactors(_ matrix: ColumnMatrix) -> (q: ColumnMatrix, r: ColumnMatrix) {
  let (m, n) = (matrix.rowCount, matrix.columnCount)
  let k = Swift.min(m, n)
  if matrix.size.isNaN { return notANumber(m, n) }
  var columns = NDArray(matrix.numbers, shape: [n, m])
  var blocks: [ReflectorBlock] = []
  for first in stride(from: 0, to: k, by: 32) {
    let last = Swift.min(first + 32, k)
    var panel = ColumnMatrix(m - first, last - first, columns[first..<last, first...].scalars(as: Double.self))
    let block = ReflectorBlock(first: first, reflecting: &panel)
    columns[first..<last, first...] = NDArray(panel.numbers, shape: [last - first, m - first])
    if last < n { columns[last..., first...] = block.reflected(columns[last..., first...], inverse: true) }
    blocks.append(block)
  }
  var orthonormal = NDArray(ColumnMatrix(identity: m, k).numbers, shape: [k, m])
  for block in blocks.reversed() {
    orthonormal[block.first..., block.first...] = block.reflected(
      orthonormal[block.first..., block.first...], inverse: false)
  }
  return signed(
    ColumnMatrix(m, k, orthonormal.scalars(as: Double.self)), ColumnMatrix(m, n, columns.scalars(as: Double.self)))
}

/// The factors of a matrix that is not finite: all NaN, with R still triangular.
private func notANumber(_ m: Int, _ n: Int) -> (q: ColumnMatrix, r: ColumnMatrix) {
  let k = Swift.min(m, n)
  var r = ColumnMatrix(identity: k, n)
  for row in 0..<k { for column in row..<n { r[row, column] = .nan } }
  return (ColumnMatrix(m, k, Array(repeating: .nan, count: m * k)), r)
}

/// The factors with a non-negative diagonal of R: flipping the sign of a row of R and of the matching column of Q changes no
/// product.
private func signed(_ q: ColumnMatrix, _ a: ColumnMatrix) -> (q: ColumnMatrix, r: ColumnMatrix) {
  let (m, n, k) = (a.rowCount, a.columnCount, q.columnCount)
  var q = q
  var r = ColumnMatrix(identity: k, n)
  for row in 0..<k {
    let sign = a[row, row] < 0 ? -1.0 : 1.0
    for column in 0..<n { r[row, column] = column < row ? 0 : sign * a[row, column] }
    if sign < 0 { for i in 0..<m { q[i, row] = -q[i, row] } }
  }
  return (q, r)
}

/// A product of reflections in the compact WY form 1 − Vᵀ T V, with a reflector in each row of V and an upper triangular T.
private struct ReflectorBlock {
  /// The first axis that the reflections change.
  let first: Int
  private let v: NDArray
  private let t: NDArray

  /// Reflects column j of a panel onto axis j, and the columns after it along with it.
  init(first: Int, reflecting panel: inout ColumnMatrix) {
    let (m, count) = (panel.rowCount, panel.columnCount)
    var reflectors: [[Double]] = []
    panel.withColumns { a in
      for column in 0..<count {
        let reflector = reflector(a + column * m + column, m - column)
        for other in column..<count { reflect(a + other * m + column, reflector) }
        reflectors.append(Array(repeating: 0, count: column) + reflector)
      }
    }
    self.first = first
    v = NDArray(reflectors.flatMap { $0 }, shape: [count, m])
    let products = v.matmul(v.transposed())
    var t = NDArray.identity(count, .float64)
    for i in 1..<Swift.max(1, count) { t[..<i, i] = -t[..<i, ..<i].matmul(products[..<i, i]) }
    self.t = t
  }

  /// The columns, stored as rows, after all reflections or after their inverse.
  func reflected(_ columns: NDArray, inverse: Bool) -> NDArray {
    columns - columns.matmul(v.transposed()).matmul(inverse ? t : t.transposed()).matmul(v)
  }
}

/// The reflector v for which (1 − v vᵀ) x is a multiple of the first axis. Its length is √2, or zero where x is zero.
private func reflector(_ x: UnsafePointer<Double>, _ n: Int) -> [Double] {
  var v = Array(UnsafeBufferPointer(start: x, count: n))
  let largest = v.reduce(0) { Swift.max($0, abs($1)) }
  if largest == 0 { return Array(repeating: 0, count: n) }
  for i in 0..<n { v[i] /= largest }
  let norm = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
  // The sign avoids cancellation.
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

extension NDArray {
  /// The solution X of A X = B, or of Aᵀ X = B, for a triangular matrix A. Elements outside its triangle are not read.
  ///
  /// A `[..., n, n]` and B `[..., n, k]` give `[..., n, k]`. By substitution in float64.
  package func solvedTriangular(_ b: NDArray, upper: Bool, transposed: Bool = false) -> NDArray {
    let fits = rank >= 2 && b.rank == rank && shape[rank - 2] == shape[rank - 1] && b.shape[rank - 2] == shape[rank - 1]
    require(
      fits && batchShape == b.batchShape,
      "solvedTriangular: shapes \(shape) and \(b.shape) do not fit: [..., n, n] and [..., n, k] do")
    type.requireSame(as: b.type, "solvedTriangular")
    let solutions = zip(matrices("solvedTriangular"), b.matrices("solvedTriangular")).map { a, b in
      substituted(a, b, upper: upper, transposed: transposed)
    }
    return NDArray(solutions, shape[rank - 1], b.shape[rank - 1], batch: batchShape, type)
  }
}

/// Substitution, in an order in which each unknown depends only on those before.
private func substituted(_ matrix: ColumnMatrix, _ right: ColumnMatrix, upper: Bool, transposed: Bool) -> ColumnMatrix {
  var (a, x) = (matrix, right)
  let n = a.rowCount
  if n == 0 || x.columnCount == 0 { return x }
  let order = upper != transposed ? Array((0..<n).reversed()) : Array(0..<n)
  let columnCount = x.columnCount
  a.withColumns { a in
    x.withColumns { x in
      for column in 0..<columnCount {
        let x = x + column * n
        for i in order {
          // The coefficients of the other unknowns in column i of A: above the diagonal if upper, below it if lower.
          let (start, count) = upper ? (0, i) : (i + 1, n - i - 1)
          let others = a + i * n + start
          if transposed {
            x[i] = (x[i] - dotProduct(others, x + start, count)) / a[i * n + i]
          } else {
            x[i] /= a[i * n + i]
            addMultiple(-x[i], others, to: x + start, count)
          }
        }
      }
    }
  }
  return x
}
