internal import UnrollKernelTemplates

extension NDArray {
  /// xʸ of corresponding elements; shapes broadcast: `[2, 3]` and `[3]` give `[2, 3]`.
  ///
  /// Special cases follow IEEE 754: x⁰ = 1 even for NaN, and a negative x with a fractional exponent gives NaN.
  package func pow(_ exponents: NDArray) -> NDArray { NDArray.combined(.power, self, exponents) }

  /// xⁿ of every element; the same shape. Squares and reciprocals take their shorter ways.
  package func pow(_ exponent: Double) -> NDArray {
    switch exponent {
    case 2: square()
    case -1: reciprocal()
    default: combined(.power, exponent)
    }
  }

  /// The smaller of corresponding elements, NaN where either is; shapes broadcast.
  package func minimum(_ other: NDArray) -> NDArray { NDArray.combined(.minimum, self, other) }

  /// The larger of corresponding elements, NaN where either is; shapes broadcast.
  package func maximum(_ other: NDArray) -> NDArray { NDArray.combined(.maximum, self, other) }

  /// The smaller of each element and a number; NaN stays.
  package func minimum(_ number: Double) -> NDArray { combined(.minimum, number) }

  /// The larger of each element and a number; NaN stays.
  package func maximum(_ number: Double) -> NDArray { combined(.maximum, number) }

  /// Every element, raised to the minimum and lowered to the maximum; NaN stays.
  package func clipped(minimum: Double = -.infinity, maximum: Double = .infinity) -> NDArray {
    require(minimum <= maximum, "clipped: the minimum \(minimum) is not below the maximum \(maximum)")
    return mapped(.clipped, minimum, maximum)
  }
}
