extension NDArray {
  /// The eigenvalues of a square matrix as real and imaginary parts, the largest modulus first.
  ///
  /// `[..., n, n]` gives `[..., n]` twice. In float64, by QR iterations with double shifts on the Hessenberg form, so that
  /// complex eigenvalues appear as conjugate pairs. They are the exact eigenvalues of a matrix that differs by rounding
  /// (relative 1e-15 times n). Well-conditioned eigenvalues are accurate to that; those of a strongly non-normal matrix, or of
  /// a Jordan block of order k, only to about its k-th root. A matrix that is not finite gives NaN.
  package func eigenvalues() -> (real: NDArray, imaginary: NDArray) {
    requireSquare("eigenvalues")
    let n = shape[rank - 1]
    let all = matrices("eigenvalues").map { HessenbergIteration.eigenvalues(of: $0) }
    let shape = batchShape.followed(by: [n])
    func array(_ part: (Eigenvalue) -> Double) -> NDArray {
      NDArray(all.flatMap { $0.map(part) }, shape: shape).cast(to: type)
    }
    return (array(\.real), array(\.imaginary))
  }

  /// The largest modulus of an eigenvalue of a square matrix: the asymptotic growth factor of its powers.
  ///
  /// `[..., n, n]` gives `[...]`; as exact as `eigenvalues`.
  package func spectralRadius() -> NDArray {
    requireSquare("spectralRadius")
    require(shape[rank - 1] > 0, "spectralRadius: a matrix of shape \(shape) has no eigenvalues")
    let radii = matrices("spectralRadius").map { HessenbergIteration.eigenvalues(of: $0)[0].modulus }
    return NDArray(radii, shape: batchShape).cast(to: type)
  }

  private func requireSquare(_ operation: String) {
    require(rank >= 2 && shape[rank - 2] == shape[rank - 1], "\(operation): shape \(shape) is not one of square matrices")
  }
}

/// A complex number.
struct Eigenvalue {
  var real: Double
  var imaginary = 0.0

  /// The modulus, scaled so that no square overflows or underflows.
  var modulus: Double {
    let (a, b) = (Swift.max(abs(real), abs(imaginary)), Swift.min(abs(real), abs(imaginary)))
    return a == 0 || b == 0 || !a.isFinite ? a + b : a * (1 + (b / a) * (b / a)).squareRoot()
  }
}

/// The eigenvalues of a real matrix by Francis's algorithm. The matrix is reduced to Hessenberg form; orthogonal similarity
/// steps, shifted by both eigenvalues of the trailing 2 × 2 block, are repeated until a trailing block of one or two rows
/// decouples.
private struct HessenbergIteration {
  private var a: ColumnMatrix
  private var found: [Eigenvalue] = []
  /// The last row of the active part.
  private var last: Int
  /// The sum of exceptional shifts, which have been subtracted from the diagonal.
  private var taken = 0.0
  private let size: Double

  init(_ matrix: ColumnMatrix) {
    a = matrix
    last = matrix.rowCount - 1
    size = matrix.size
    if size > 0 {
      a.withColumns { a in for i in 0..<(matrix.rowCount * matrix.rowCount) { a[i] /= size } }
      reduce()
    }
  }

  /// The largest first.
  static func eigenvalues(of matrix: ColumnMatrix) -> [Eigenvalue] {
    var iteration = HessenbergIteration(matrix)
    return iteration.run()
  }

  private mutating func run() -> [Eigenvalue] {
    guard size > 0 else {
      return Array(repeating: Eigenvalue(real: size == 0 ? 0 : .nan), count: a.rowCount)
    }
    var rounds = 0
    while last >= 0 {
      let start = splitting()
      if start >= last - 1 {
        split(from: start)
        rounds = 0
      } else {
        // Far more iterations than any known matrix needs.
        if rounds == 300 { return Array(repeating: Eigenvalue(real: .nan), count: a.rowCount) }
        turn(from: start, exceptional: rounds % 10 == 9)
        rounds += 1
      }
    }
    return found.map { Eigenvalue(real: $0.real * size, imaginary: $0.imaginary * size) }.sorted { $0.modulus > $1.modulus }
  }

  /// Reduces the matrix to Hessenberg form by Householder reflections from both sides.
  private mutating func reduce() {
    let n = a.rowCount
    for k in 0..<Swift.max(n - 2, 0) {
      var v = ((k + 1)..<n).map { a[$0, k] }
      let norm = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
      if norm == 0 { continue }
      v[0] += v[0] < 0 ? -norm : norm
      let length = v.reduce(0) { $0 + $1 * $1 }
      for j in 0..<n {
        let product = v.indices.reduce(0) { $0 + v[$1] * a[k + 1 + $1, j] } * 2 / length
        for i in v.indices { a[k + 1 + i, j] -= product * v[i] }
      }
      for i in 0..<n {
        let product = v.indices.reduce(0) { $0 + v[$1] * a[i, k + 1 + $1] } * 2 / length
        for j in v.indices { a[i, k + 1 + j] -= product * v[j] }
      }
      for i in Swift.min(k + 2, n)..<n { a[i, k] = 0 }
    }
  }

  /// The first row of the trailing block that has decoupled: its subdiagonal element is negligible.
  private mutating func splitting() -> Int {
    var row = last
    while row >= 1 {
      let scale = abs(a[row - 1, row - 1]) + abs(a[row, row])
      if abs(a[row, row - 1]) <= Double.ulpOfOne * (scale == 0 ? 1 : scale) {
        a[row, row - 1] = 0
        break
      }
      row -= 1
    }
    return row
  }

  /// Stores the eigenvalues of the last one or two rows and shrinks the active part.
  private mutating func split(from start: Int) {
    let x = a[last, last]
    if start == last {
      found.append(Eigenvalue(real: x + taken))
      last -= 1
      return
    }
    let w = a[last, last - 1] * a[last - 1, last]
    let p = 0.5 * (a[last - 1, last - 1] - x)
    let q = p * p + w
    let root = abs(q).squareRoot()
    if q >= 0 {
      let z = p + (p < 0 ? -root : root)
      found.append(Eigenvalue(real: x + taken + z))
      found.append(Eigenvalue(real: z == 0 ? x + taken : x + taken - w / z))
    } else {
      found.append(Eigenvalue(real: x + taken + p, imaginary: root))
      found.append(Eigenvalue(real: x + taken + p, imaginary: -root))
    }
    last -= 2
  }

  /// One double-shift QR step on the rows from `start` to the last.
  private mutating func turn(from start: Int, exceptional: Bool) {
    var (x, y) = (a[last, last], a[last - 1, last - 1])
    var w = a[last, last - 1] * a[last - 1, last]
    // An exceptional shift breaks cycles. Its factors 0.75 and −0.4375 are the usual ones, as in EISPACK's hqr.
    if exceptional {
      taken += x
      for i in 0...last { a[i, i] -= x }
      let s = abs(a[last, last - 1]) + abs(a[last - 1, last - 2])
      (x, y, w) = (0.75 * s, 0.75 * s, -0.4375 * s * s)
    }
    // Starts as far down as two consecutive small subdiagonal elements allow.
    var (m, column) = (last - 2, firstColumn(last - 2, x, y, w))
    while m > start {
      let (p, q, r) = column
      let above = abs(a[m, m - 1]) * (abs(q) + abs(r))
      if above <= Double.ulpOfOne * abs(p) * (abs(a[m - 1, m - 1]) + abs(a[m, m]) + abs(a[m + 1, m + 1])) { break }
      m -= 1
      column = firstColumn(m, x, y, w)
    }
    for i in (m + 2)...last {
      a[i, i - 2] = 0
      if i > m + 2 { a[i, i - 3] = 0 }
    }
    chase(from: start, m, column)
  }

  /// The first column of the shifted product, up to a factor.
  private func firstColumn(_ m: Int, _ x: Double, _ y: Double, _ w: Double) -> (Double, Double, Double) {
    let z = a[m, m]
    let (r, s) = (x - z, y - z)
    let column = ((r * s - w) / a[m + 1, m] + a[m, m + 1], a[m + 1, m + 1] - z - r - s, a[m + 2, m + 1])
    let scale = abs(column.0) + abs(column.1) + abs(column.2)
    return scale == 0 ? column : (column.0 / scale, column.1 / scale, column.2 / scale)
  }

  /// Restores the Hessenberg form from row m on by reflections of three rows and columns (bulge chasing).
  private mutating func chase(from start: Int, _ m: Int, _ column: (Double, Double, Double)) {
    var (p, q, r) = column
    for k in m..<last {
      var scale = 1.0
      if k > m {
        (p, q, r) = (a[k, k - 1], a[k + 1, k - 1], k < last - 1 ? a[k + 2, k - 1] : 0)
        scale = abs(p) + abs(q) + abs(r)
        if scale == 0 { continue }
        (p, q, r) = (p / scale, q / scale, r / scale)
      } else if k == last - 1 {
        r = 0
      }
      let root = (p * p + q * q + r * r).squareRoot()
      let s = p < 0 ? -root : root
      if s == 0 { continue }
      if k > m { a[k, k - 1] = -s * scale } else if start < m { a[k, k - 1] = -a[k, k - 1] }
      let rows = ((p + s) / s, q / s, r / s)
      reflect(k, start, rows, (q / (p + s), r / (p + s)))
    }
  }

  private mutating func reflect(_ k: Int, _ start: Int, _ f: (Double, Double, Double), _ v: (Double, Double)) {
    let three = k < last - 1
    for j in k...last {
      let p = a[k, j] + v.0 * a[k + 1, j] + (three ? v.1 * a[k + 2, j] : 0)
      a[k, j] -= p * f.0
      a[k + 1, j] -= p * f.1
      if three { a[k + 2, j] -= p * f.2 }
    }
    for i in start...Swift.min(last, k + 3) {
      let p = f.0 * a[i, k] + f.1 * a[i, k + 1] + (three ? f.2 * a[i, k + 2] : 0)
      a[i, k] -= p
      a[i, k + 1] -= p * v.0
      if three { a[i, k + 2] -= p * v.1 }
    }
  }
}
