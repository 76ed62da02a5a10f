internal import UnrollKernelTemplates

// Functions of single elements. The result has the argument's shape and type. Errors are bounded in units in the last place (ulp):
// at most 2, measured by `unroll-bench --accuracy`; float64 erf and erfc 4.
extension NDArray {
  /// |x| of every element.
  ///
  ///     let y = x.magnitude()
  public func magnitude() -> NDArray { mapped(.magnitude) }

  /// −1, 0 or 1 of every element; NaN and signed zeros stay.
  ///
  ///     let y = x.sign()
  public func sign() -> NDArray { mapped(.signum) }

  /// x² of every element.
  ///
  ///     let y = x.square()
  public func square() -> NDArray { mapped(.square) }

  /// √x of every element; NaN below 0.
  ///
  ///     let y = x.squareRoot()
  public func squareRoot() -> NDArray { mapped(.squareRoot) }

  /// 1 / √x of every element; infinite at 0, NaN below.
  ///
  ///     let y = x.reciprocalSquareRoot()
  public func reciprocalSquareRoot() -> NDArray { mapped(.reciprocalSquareRoot) }

  /// 1 / x of every element.
  ///
  ///     let y = x.reciprocal()
  public func reciprocal() -> NDArray { mapped(.reciprocal) }

  /// eˣ of every element.
  ///
  ///     let y = x.exp()
  public func exp() -> NDArray { mapped(.exp) }

  /// 2ˣ of every element.
  ///
  ///     let y = x.exp2()
  public func exp2() -> NDArray { mapped(.exp2) }

  /// eˣ − 1 of every element, accurate near 0.
  ///
  ///     let y = x.expMinusOne()
  public func expMinusOne() -> NDArray { mapped(.expMinusOne) }

  /// ln x of every element; −∞ at 0, NaN below.
  ///
  ///     let y = x.log()
  public func log() -> NDArray { mapped(.log) }

  /// log₂ x of every element; −∞ at 0, NaN below.
  ///
  ///     let y = x.log2()
  public func log2() -> NDArray { mapped(.log2) }

  /// ln(1 + x) of every element, accurate near 0; −∞ at −1, NaN below.
  ///
  ///     let y = x.logOnePlus()
  public func logOnePlus() -> NDArray { mapped(.logOnePlus) }

  /// sin x of every element, in radians.
  ///
  ///     let y = x.sin()
  public func sin() -> NDArray { mapped(.sin) }

  /// cos x of every element, in radians.
  ///
  ///     let y = x.cos()
  public func cos() -> NDArray { mapped(.cos) }

  /// tan x of every element, in radians.
  ///
  ///     let y = x.tan()
  public func tan() -> NDArray { mapped(.tan) }

  /// arcsin x of every element, in radians; NaN outside −1…1.
  ///
  ///     let y = x.arcsin()
  public func arcsin() -> NDArray { mapped(.arcsin) }

  /// arccos x of every element, in radians; NaN outside −1…1.
  ///
  ///     let y = x.arccos()
  public func arccos() -> NDArray { mapped(.arccos) }

  /// arctan x of every element, in radians.
  ///
  ///     let y = x.arctan()
  public func arctan() -> NDArray { mapped(.arctan) }

  /// sinh x = (eˣ − e⁻ˣ) / 2 of every element.
  ///
  ///     let y = x.sinh()
  public func sinh() -> NDArray { mapped(.sinh) }

  /// cosh x = (eˣ + e⁻ˣ) / 2 of every element.
  ///
  ///     let y = x.cosh()
  public func cosh() -> NDArray { mapped(.cosh) }

  /// tanh x = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ) of every element.
  ///
  ///     let y = x.tanh()
  public func tanh() -> NDArray { mapped(.tanh) }

  /// arsinh x = ln(x + √(x² + 1)) of every element.
  ///
  ///     let y = x.arsinh()
  public func arsinh() -> NDArray { mapped(.arsinh) }

  /// arcosh x = ln(x + √(x² − 1)) of every element; NaN below 1.
  ///
  ///     let y = x.arcosh()
  public func arcosh() -> NDArray { mapped(.arcosh) }

  /// artanh x = ln((1 + x) / (1 − x)) / 2 of every element; infinite at ±1, NaN beyond.
  ///
  ///     let y = x.artanh()
  public func artanh() -> NDArray { mapped(.artanh) }

  /// erf x = 2/√π ∫₀ˣ e^−t² dt of every element.
  ///
  ///     let y = x.erf()
  public func erf() -> NDArray { mapped(.erf) }

  /// 1 − erf x of every element, without cancellation.
  ///
  ///     let y = x.erfc()
  public func erfc() -> NDArray { mapped(.erfc) }

  /// The largest integer not above each element.
  ///
  ///     let y = x.floor()
  public func floor() -> NDArray { mapped(.floor) }

  /// The smallest integer not below each element.
  ///
  ///     let y = x.ceiling()
  public func ceiling() -> NDArray { mapped(.ceiling) }

  /// The integer nearest to each element, ties to even.
  ///
  ///     let y = x.rounded()
  public func rounded() -> NDArray { mapped(.rounding) }

  /// Each element without its fraction.
  ///
  ///     let y = x.truncated()
  public func truncated() -> NDArray { mapped(.truncation) }
}
