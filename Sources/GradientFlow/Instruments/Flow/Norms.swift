internal import UnrollArrays
internal import UnrollAutograd

/// The 2-norm in float64. It is scaled so that no square overflows or underflows, because tiny gradients are what is measured.
func euclideanNorm(_ values: some Collection<Double>) -> Double {
  let largest = values.reduce(0) { $1.isNaN || $0.isNaN ? .nan : max($0, abs($1)) }
  if largest == 0 || !largest.isFinite { return largest }
  // Division instead of multiplication with a reciprocal, which overflows for a subnormal number.
  return largest * values.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }.squareRoot()
}

extension Tensor {
  var norm64: Double { array.cast(to: .float64).norm().item }

  /// The norm of each row.
  func rowNorms(_ rows: Int) -> [Double] {
    let numbers = array.scalars(as: Double.self)
    let width = numbers.count / rows
    return (0..<rows).map { euclideanNorm(numbers[($0 * width)..<(($0 + 1) * width)]) }
  }

  var isFinite: Bool { array.norm(order: .infinity).item.isFinite }
}

/// The natural logarithm of each number.
func logarithms(_ values: [Double]) -> [Double] { NDArray(values).log().scalars() }
func exponential(_ value: Double) -> Double { NDArray(value, .float64).exp().item }
