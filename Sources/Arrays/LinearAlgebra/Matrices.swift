/// A column-major float64 matrix, for factorisations.
struct ColumnMatrix {
  let rowCount: Int
  let columnCount: Int
  private(set) var numbers: [Double]

  init(_ rowCount: Int, _ columnCount: Int, _ numbers: [Double]) {
    self.rowCount = rowCount
    self.columnCount = columnCount
    self.numbers = numbers
  }

  /// Ones on the diagonal, zeros elsewhere.
  init(identity rowCount: Int, _ columnCount: Int) {
    self.init(rowCount, columnCount, Array(repeating: 0, count: rowCount * columnCount))
    for i in 0..<Swift.min(rowCount, columnCount) { numbers[i * rowCount + i] = 1 }
  }

  subscript(row: Int, column: Int) -> Double {
    get { numbers[column * rowCount + row] }
    set { numbers[column * rowCount + row] = newValue }
  }

  /// The largest magnitude of an element; NaN where any element is not finite, since results would be meaningless.
  var size: Double {
    numbers.allSatisfy(\.isFinite) ? numbers.reduce(0) { Swift.max($0, abs($1)) } : .nan
  }

  /// Calls `body` with the address of the first column; the columns are contiguous.
  mutating func withColumns<R>(_ body: (UnsafeMutablePointer<Double>) -> R) -> R {
    numbers.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { stop("a matrix without columns has no address") }
      return body(base)
    }
  }
}

extension NDArray {
  /// The matrices in the last two axes, in float64.
  func matrices(_ operation: String) -> [ColumnMatrix] {
    require(rank >= 2, "\(operation): shape \(shape) has fewer than two axes")
    let (m, n) = (shape[rank - 2], shape[rank - 1])
    let numbers = transposed(-2, -1).cast(to: .float64).scalars(as: Double.self)
    return (0..<batchShape.elementCount).map { ColumnMatrix(m, n, Array(numbers[($0 * m * n)..<(($0 + 1) * m * n)])) }
  }

  /// The shape without the last two axes.
  var batchShape: Shape { shape.removing(rank - 1).removing(rank - 2) }

  /// An array of the batch's shape from its matrices.
  init(_ matrices: [ColumnMatrix], _ rowCount: Int, _ columnCount: Int, batch: Shape, _ type: ElementType) {
    let columns = NDArray(matrices.flatMap(\.numbers), shape: batch.followed(by: [columnCount, rowCount]))
    self = columns.transposed(-2, -1).cast(to: type)
  }
}

/// Σ x y.
func dotProduct(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ n: Int) -> Double {
  var sum = 0.0
  for i in 0..<n { sum += x[i] * y[i] }
  return sum
}

/// y += a x.
func addMultiple(_ a: Double, _ x: UnsafePointer<Double>, to y: UnsafeMutablePointer<Double>, _ n: Int) {
  for i in 0..<n { y[i] += a * x[i] }
}

/// (x, y) ← (c x − s y, s x + c y).
func rotate(_ x: UnsafeMutablePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ n: Int, cosine c: Double, sine s: Double) {
  for i in 0..<n { (x[i], y[i]) = (c * x[i] - s * y[i], s * x[i] + c * y[i]) }
}
