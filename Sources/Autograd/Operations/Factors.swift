internal import UnrollArrays

/// A = Q R. With C = dA R⁻¹ and Ω antisymmetric, equal to Qᵀ C below the diagonal: dQ = C − Q (Qᵀ C − Ω), dR = (Qᵀ C − Ω) R.
struct QRFactors: Operation {
  var name: String { "qr" }

  func forward(_ x: [NDArray]) -> Values {
    let (q, r) = x[0].qr()
    return Values([q, r])
  }

  func keeps(recorded: (Int) -> Bool) -> Keeps { Keeps(inputs: 0, outputs: 3) }

  /// The cotangent of A is (Ḡ + Q S) R⁻ᵀ, with S symmetric, equal to R R̄ᵀ − Ḡᵀ Q on and below the diagonal.
  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    let (q, r) = (context.output(0), context.output(1))
    let byQ = g[0] ?? Tensor.zeros(q.shape, q.type)
    let byR = (g[1] ?? Tensor.zeros(r.shape, r.type)).upperTriangle()
    let m = r.matmul(byR.transposed(-2, -1)) - byQ.transposed(-2, -1).matmul(q)
    let symmetric = m.lowerTriangle() + m.lowerTriangle(diagonal: -1).transposed(-2, -1)
    let sum = byQ + q.matmul(symmetric)
    return Few(r.solvedTriangular(sum.transposed(-2, -1), upper: true).transposed(-2, -1))
  }

  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    guard let t = t[0] else { return Few(nil, nil) }
    let (q, r) = (context.output(0), context.output(1))
    let c = r.solvedTriangular(t.transposed(-2, -1), upper: true, transposed: true).transposed(-2, -1)
    let w = q.transposed(-2, -1).matmul(c)
    let below = w.lowerTriangle(diagonal: -1)
    let upper = w - below + below.transposed(-2, -1)
    return Few(c - q.matmul(upper), upper.matmul(r))
  }
}

/// The solution X of A X = B or Aᵀ X = B; only the triangle of A is read.
struct TriangularSolution: TwoInputs {
  let upper: Bool
  let transposed: Bool
  var name: String { "solvedTriangular" }

  func value(_ x: NDArray, _ y: NDArray) -> NDArray { x.solvedTriangular(y, upper: upper, transposed: transposed) }
  func keeps(recorded: (Int) -> Bool) -> Keeps { .inputs(0) + (recorded(0) ? .output : .nothing) }

  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    guard let g = g[0] else { return Few(nil, nil) }
    let byB = context.input(0).solvedTriangular(g, upper: upper, transposed: !transposed)
    guard context.wants(0) else { return Few(nil, byB) }
    let x = context.output()
    let byA = transposed ? x.matmul(byB.transposed(-2, -1)) : byB.matmul(x.transposed(-2, -1))
    return Few(-triangle(byA), byB)
  }

  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    let byA = t[0].map { t in
      let part = triangle(t)
      return -(transposed ? part.transposed(-2, -1) : part).matmul(context.output())
    }
    return Few(sum(byA, t[1]).map { context.input(0).solvedTriangular($0, upper: upper, transposed: transposed) })
  }

  private func triangle(_ x: Tensor) -> Tensor { upper ? x.upperTriangle() : x.lowerTriangle() }
}

extension Tensor {
  /// The QR factors of a matrix A = Q R: Q has orthonormal columns, R is upper triangular with a non-negative diagonal.
  ///
  /// `[..., m, n]` with m ≥ n gives `[..., m, n]` and `[..., n, n]`. Derivatives need linearly independent columns.
  ///
  ///     let (q, r) = Tensor.identity(3).qr()
  public func qr() -> (q: Tensor, r: Tensor) {
    require(rank >= 2, "qr: shape \(shape) has fewer than two axes")
    require(
      shape[rank - 2] >= shape[rank - 1],
      "qr: a matrix of shape \(shape) has more columns than rows; factor its transpose")
    let factors = QRFactors().results([self])
    return (factors[0], factors[1])
  }

  /// The solution X of A X = B, or of Aᵀ X = B, for a triangular matrix A. Elements outside its triangle are not read.
  ///
  /// A `[..., n, n]` and B `[..., n, k]` give `[..., n, k]`.
  ///
  ///     let x = Tensor.identity(3).solvedTriangular(Tensor.ones([3, 2]), upper: true)
  public func solvedTriangular(_ b: Tensor, upper: Bool, transposed: Bool = false) -> Tensor {
    TriangularSolution(upper: upper, transposed: transposed)(self, b)
  }

  /// The singular values of a matrix, the largest first; without a derivative.
  ///
  ///     print(Tensor.identity(3).singularValues())  // 1, 1, 1
  public func singularValues() -> Tensor { Tensor(array.singularValues()) }

  /// The eigenvalues of a symmetric matrix in ascending order, and its eigenvectors as columns; without a derivative.
  ///
  ///     let (values, vectors) = Tensor.identity(3).symmetricEigen()
  public func symmetricEigen() -> (values: Tensor, vectors: Tensor) {
    let (values, vectors) = array.symmetricEigen()
    return (Tensor(values), Tensor(vectors))
  }

  /// The eigenvalues of a square matrix as real and imaginary parts, the largest modulus first; without a derivative.
  ///
  /// `[..., n, n]` gives `[..., n]` twice. In float64, by QR iterations with double shifts on the Hessenberg form, so that
  /// complex eigenvalues appear as conjugate pairs. They are the exact eigenvalues of a matrix that differs by rounding. A
  /// matrix that is not finite gives NaN.
  ///
  ///     let (real, imaginary) = Tensor.identity(3).eigenvalues()  // 1, 1, 1 and 0, 0, 0
  public func eigenvalues() -> (real: Tensor, imaginary: Tensor) {
    let (real, imaginary) = array.eigenvalues()
    return (Tensor(real), Tensor(imaginary))
  }

  /// The largest modulus of an eigenvalue of a square matrix: the asymptotic growth factor of its powers; without a derivative.
  ///
  /// `[..., n, n]` gives `[...]`.
  ///
  ///     print((Tensor.identity(3) * 0.9).spectralRadius())  // 0.9
  public func spectralRadius() -> Tensor { Tensor(array.spectralRadius()) }
}
