extension NDArray {
  /// The singular values of a matrix, the largest first.
  ///
  /// `[..., m, n]` gives `[..., k]`, with k the smaller of m and n. By one-sided Jacobi rotations in float64. A matrix that is
  /// not finite gives NaN.
  package func singularValues() -> NDArray {
    require(rank >= 2, "singularValues: shape \(shape) has fewer than two axes")
    let tall = shape[rank - 2] >= shape[rank - 1] ? self : transposed(-2, -1)
    let k = tall.shape[rank - 1]
    let values = tall.matrices("singularValues").flatMap { lengthsOfOrthogonalColumns($0) }
    return NDArray(values, shape: batchShape.followed(by: [k])).cast(to: type)
  }

  /// The eigenvalues of a symmetric matrix in ascending order, and its eigenvectors as columns: A = V diag(λ) Vᵀ.
  ///
  /// `[..., n, n]` gives `[..., n]` and `[..., n, n]`. By Jacobi rotations in float64. Stops if the matrix is not symmetric;
  /// one that is not finite gives NaN.
  package func symmetricEigen() -> (values: NDArray, vectors: NDArray) {
    require(
      rank >= 2 && shape[rank - 2] == shape[rank - 1], "symmetricEigen: shape \(shape) is not one of square matrices")
    requireSymmetric()
    let n = shape[rank - 1]
    let pairs = matrices("symmetricEigen").map(diagonalized)
    return (
      NDArray(pairs.flatMap(\.values), shape: batchShape.followed(by: [n])).cast(to: type),
      NDArray(pairs.map(\.vectors), n, n, batch: batchShape, type)
    )
  }
}

extension NDArray {
  /// Stops unless the matrix is symmetric up to rounding errors.
  private func requireSymmetric() {
    if count == 0 || !magnitude().max().item.isFinite { return }
    let tolerance = (type == .float32 ? 1e-5 : 1e-12) * magnitude().max().item
    let difference = (self - transposed(-2, -1)).magnitude().max().item
    require(
      !(difference > tolerance),
      "symmetricEigen: the matrix is not symmetric: an element differs from its mirror image by \(difference)")
  }
}

/// Repeats a pass over all pairs until one rotates none. Convergence is quadratic, so only NaN reaches the limit.
private func sweep(_ pass: (_ rotated: inout Bool) -> Void) {
  for _ in 0..<60 {
    var rotated = false
    pass(&rotated)
    if !rotated { return }
  }
}

/// One-sided Jacobi: rotates pairs of columns until all are orthogonal; their lengths are the singular values. Scaled, so that
/// no square overflows or underflows.
private func lengthsOfOrthogonalColumns(_ matrix: ColumnMatrix) -> [Double] {
  var a = matrix
  let (m, n) = (a.rowCount, a.columnCount)
  let largest = a.size
  if !(largest > 0) { return Array(repeating: largest, count: n) }
  return a.withColumns { a in
    for i in 0..<(m * n) { a[i] /= largest }
    sweep { rotated in
      for i in 0..<n {
        for j in (i + 1)..<Swift.max(n, i + 1) {
          let (x, y) = (a + i * m, a + j * m)
          let (xx, yy, xy) = (dotProduct(x, x, m), dotProduct(y, y, m), dotProduct(x, y, m))
          if abs(xy) <= 1e-15 * (xx * yy).squareRoot() { continue }
          rotated = true
          let (c, s) = rotation(xx, yy, xy)
          rotate(x, y, m, cosine: c, sine: s)
        }
      }
    }
    return (0..<n).map { dotProduct(a + $0 * m, a + $0 * m, m).squareRoot() * largest }.sorted(by: >)
  }
}

/// Two-sided Jacobi: rotates rows and columns of a symmetric matrix until it is diagonal.
private func diagonalized(_ matrix: ColumnMatrix) -> (values: [Double], vectors: ColumnMatrix) {
  var a = matrix
  let n = a.rowCount
  var vectors = ColumnMatrix(identity: n, n)
  if n == 0 { return ([], vectors) }
  if a.size.isNaN { return (Array(repeating: .nan, count: n), ColumnMatrix(n, n, Array(repeating: .nan, count: n * n))) }
  sweep { rotated in
    for i in 0..<n {
      for j in (i + 1)..<Swift.max(n, i + 1) {
        if abs(a[i, j]) <= 1e-16 * (abs(a[i, i]) + abs(a[j, j])) { continue }
        rotated = true
        let (c, s) = rotation(a[i, i], a[j, j], a[i, j])
        a.withColumns { rotate($0 + i * n, $0 + j * n, n, cosine: c, sine: s) }
        for k in 0..<n { (a[i, k], a[j, k]) = (c * a[i, k] - s * a[j, k], s * a[i, k] + c * a[j, k]) }
        vectors.withColumns { rotate($0 + i * n, $0 + j * n, n, cosine: c, sine: s) }
      }
    }
  }
  let order = (0..<n).sorted { a[$0, $0] < a[$1, $1] }
  var sorted = vectors
  for (place, i) in order.enumerated() { for row in 0..<n { sorted[row, place] = vectors[row, i] } }
  return (order.map { a[$0, $0] }, sorted)
}

/// The rotation that makes a symmetric 2 × 2 matrix diagonal.
private func rotation(_ xx: Double, _ yy: Double, _ xy: Double) -> (cosine: Double, sine: Double) {
  // t is the tangent of the smaller angle, by the formula without cancellation.
  let ratio = (yy - xx) / (2 * xy)
  let t = (ratio < 0 ? -1 : 1) / (abs(ratio) + (1 + ratio * ratio).squareRoot())
  let c = 1 / (1 + t * t).squareRoot()
  return (c, t * c)
}
