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
