internal import UnrollKernelTemplates

// Elementwise functions. The result has the argument's shape and type. Errors are at most 2 units in the last place (ulp), as
// measured by `unroll-bench --accuracy`; 4 for float64 erf and erfc.
extension NDArray {
  /// |x| of every element.
  package func magnitude() -> NDArray { mapped(.magnitude) }

  /// −1, 0 or 1 of every element; NaN and signed zeros stay.
  package func sign() -> NDArray { mapped(.sign) }

  /// x² of every element.
  package func square() -> NDArray { mapped(.square) }

  /// √x of every element; NaN below 0.
  package func squareRoot() -> NDArray { mapped(.squareRoot) }

  /// 1 / √x of every element; infinite at 0, NaN below.
  package func reciprocalSquareRoot() -> NDArray { mapped(.reciprocalSquareRoot) }

  /// 1 / x of every element.
  package func reciprocal() -> NDArray { mapped(.reciprocal) }

  /// eˣ of every element.
  package func exp() -> NDArray { mapped(.exp) }

  /// 2ˣ of every element.
  package func exp2() -> NDArray { mapped(.exp2) }

  /// eˣ − 1 of every element, accurate near 0.
  package func expMinusOne() -> NDArray { mapped(.expMinusOne) }

  /// ln x of every element; −∞ at 0, NaN below.
  package func log() -> NDArray { mapped(.log) }

  /// log₂ x of every element; −∞ at 0, NaN below.
  package func log2() -> NDArray { mapped(.log2) }

  /// ln(1 + x) of every element, accurate near 0; −∞ at −1, NaN below.
  package func logOnePlus() -> NDArray { mapped(.logOnePlus) }

  /// sin x of every element, in radians.
  package func sin() -> NDArray { mapped(.sin) }

  /// cos x of every element, in radians.
  package func cos() -> NDArray { mapped(.cos) }

  /// tan x of every element, in radians.
  package func tan() -> NDArray { mapped(.tan) }

  /// arcsin x of every element, in radians; NaN outside −1…1.
  package func arcsin() -> NDArray { mapped(.arcsin) }

  /// arccos x of every element, in radians; NaN outside −1…1.
  package func arccos() -> NDArray { mapped(.arccos) }

  /// arctan x of every element, in radians.
  package func arctan() -> NDArray { mapped(.arctan) }

  /// sinh x = (eˣ − e⁻ˣ) / 2 of every element.
  package func sinh() -> NDArray { mapped(.sinh) }

  /// cosh x = (eˣ + e⁻ˣ) / 2 of every element.
  package func cosh() -> NDArray { mapped(.cosh) }

  /// tanh x = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ) of every element.
  package func tanh() -> NDArray { mapped(.tanh) }

  /// arsinh x = ln(x + √(x² + 1)) of every element.
  package func arsinh() -> NDArray { mapped(.arsinh) }

  /// arcosh x = ln(x + √(x² − 1)) of every element; NaN below 1.
  package func arcosh() -> NDArray { mapped(.arcosh) }

  /// artanh x = ln((1 + x) / (1 − x)) / 2 of every element; infinite at ±1, NaN beyond.
  package func artanh() -> NDArray { mapped(.artanh) }

  /// erf x = 2/√π ∫₀ˣ e^−t² dt of every element.
  package func erf() -> NDArray { mapped(.erf) }

  /// 1 − erf x of every element, without cancellation.
  package func erfc() -> NDArray { mapped(.erfc) }

  /// The largest integer not above each element.
  package func floor() -> NDArray { mapped(.floor) }

  /// The smallest integer not below each element.
  package func ceiling() -> NDArray { mapped(.ceiling) }

  /// The integer nearest to each element, ties to even.
  package func rounded() -> NDArray { mapped(.rounded) }

  /// Each element rounded toward zero.
  package func truncated() -> NDArray { mapped(.truncated) }
}

// Activation functions. The result has the argument's shape and type.
extension NDArray {
  /// σ(x) = 1 / (1 + e⁻ˣ) of every element.
  package func sigmoid() -> NDArray { mapped(.sigmoid) }

  /// ln σ(x) of every element; it does not overflow.
  package func logSigmoid() -> NDArray { mapped(.logSigmoid) }

  /// max(x, 0) of every element; NaN stays.
  package func relu() -> NDArray { mapped(.relu) }

  /// λx above 0, λα (eˣ − 1) below, with λ = 1.0507… and α = 1.6733….
  package func selu() -> NDArray { mapped(.selu) }

  /// x Φ(x) of every element, with Φ the cumulative normal distribution.
  package func gelu() -> NDArray { mapped(.gelu) }

  /// The approximation x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2 of GELU.
  package func geluByTanh() -> NDArray { mapped(.geluByTanh) }

  /// x σ(x) of every element, also called swish.
  package func silu() -> NDArray { mapped(.silu) }

  /// x tanh(ln(1 + eˣ)) of every element.
  package func mish() -> NDArray { mapped(.mish) }

  /// x / (1 + |x|) of every element.
  package func softsign() -> NDArray { mapped(.softsign) }

  /// (x + 3) / 6 of every element, clamped to 0…1.
  package func hardSigmoid() -> NDArray { mapped(.hardSigmoid) }
}

extension NDArray {
  /// ln(1 + e^βx) / β of every element, a smooth max(x, 0).
  package func softplus(beta: Double = 1) -> NDArray {
    require(beta > 0, "softplus: beta \(beta) is not positive")
    return beta == 1 ? mapped(.softplus) : mapped(.scaledSoftplus, beta)
  }

  /// 1 above a bound and another number elsewhere, for every element; NaN stays NaN.
  package func step(above bound: Double, elsewhere other: Double) -> NDArray { mapped(.step, bound, other) }

  /// x above 0, slope · x below, of every element.
  package func leakyRelu(slope: Double = 0.01) -> NDArray { mapped(.leakyRelu, slope) }

  /// x above 0, α (eˣ − 1) below, of every element.
  package func elu(alpha: Double = 1) -> NDArray { mapped(.elu, alpha) }

  /// Every element clamped to −1…1; NaN stays NaN.
  package func hardTanh() -> NDArray { mapped(.clipped, -1, 1) }
}

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
    require(minimum <= maximum, "clipped: the minimum \(minimum) is not at most the maximum \(maximum)")
    return mapped(.clipped, minimum, maximum)
  }
}
