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
