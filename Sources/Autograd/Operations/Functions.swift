internal import UnrollArrays
internal import UnrollKernelTemplates

/// A function of single elements: a kernel with up to two parameters, and its row of the table of slopes.
///
/// To add one: its template and its case among `UnaryOperation`s, then a row here and a method below.
struct ElementFunction: Elementwise {
  let function: UnaryOperation
  var a = 0.0
  var b = 0.0

  var name: String { function == .scaledSoftplus ? "softplus" : "\(function)" }
  func value(_ x: NDArray) -> NDArray { x.mapped(function, a, b) }

  /// dy/dx, from the arrays that the node keeps.
  private enum Slope {
    case ofInput((_ x: Tensor, _ f: ElementFunction) -> Tensor)
    case ofOutput((_ y: Tensor) -> Tensor)
    case ofBoth((_ x: Tensor, _ y: Tensor) -> Tensor)
  }

  private var slope: Slope {
    switch function {
    case .negation: .ofInput { x, _ in x.zeros - 1 }
    case .magnitude: .ofInput { x, _ in x.sign() }
    case .square: .ofInput { x, _ in x * 2 }
    case .squareRoot: .ofOutput { y in 0.5 / y }
    case .reciprocal: .ofOutput { y in -y.square() }
    case .reciprocalSquareRoot: .ofBoth { x, y in y / x * -0.5 }

    case .exp: .ofOutput { y in y }
    case .exp2: .ofOutput { y in y * 0.693147180559945309417 }  // ln 2
    case .expMinusOne: .ofOutput { y in y + 1 }
    case .log: .ofInput { x, _ in x.reciprocal() }
    case .log2: .ofInput { x, _ in 1.44269504088896340736 / x }  // 1 / ln 2
    case .logOnePlus: .ofInput { x, _ in (x + 1).reciprocal() }

    case .sin: .ofInput { x, _ in x.cos() }
    case .cos: .ofInput { x, _ in -x.sin() }
    case .tan: .ofOutput { y in y.square() + 1 }
    case .arcsin: .ofInput { x, _ in x.oneLessSquare.reciprocalSquareRoot() }
    case .arccos: .ofInput { x, _ in -x.oneLessSquare.reciprocalSquareRoot() }
    case .arctan: .ofInput { x, _ in (x.square() + 1).reciprocal() }
    case .sinh: .ofInput { x, _ in x.cosh() }
    case .cosh: .ofInput { x, _ in x.sinh() }
    case .tanh: .ofOutput { y in 1 - y.square() }
    case .arsinh: .ofInput { x, _ in (x.square() + 1).reciprocalSquareRoot() }
    case .arcosh: .ofInput { x, _ in ((x - 1) * (x + 1)).reciprocalSquareRoot() }
    case .artanh: .ofInput { x, _ in x.oneLessSquare.reciprocal() }
    case .erf: .ofInput { x, _ in (-x.square()).exp() * 1.12837916709551257390 }  // 2 / √π
    case .erfc: .ofInput { x, _ in (-x.square()).exp() * -1.12837916709551257390 }

    case .sigmoid: .ofOutput { y in y * (1 - y) }
    case .logSigmoid: .ofInput { x, _ in (-x).sigmoid() }
    case .softplus: .ofInput { x, _ in x.sigmoid() }
    case .scaledSoftplus: .ofInput { x, f in (x * f.a).sigmoid() }
    case .relu: .ofOutput { y in y.step(above: 0) }
    case .leakyRelu: .ofInput { x, f in x.step(above: 0, elsewhere: f.a) }
    case .elu: .ofInput { x, f in x.exponentialUnitSlope(alpha: f.a) }
    case .selu: .ofInput { x, _ in x.exponentialUnitSlope(alpha: 1.67326324235437728481) * 1.05070098735548049342 }
    case .gelu: .ofInput { x, _ in x.geluSlope }
    case .geluByTanh: .ofInput { x, _ in x.geluByTanhSlope }
    case .silu: .ofInput { x, _ in x.siluSlope }
    case .mish: .ofInput { x, _ in x.mishSlope }
    case .softsign: .ofInput { x, _ in (x.magnitude() + 1).square().reciprocal() }
    case .hardSigmoid: .ofInput { x, _ in x.step(above: -3) * (-x).step(above: -3) * (1.0 / 6) }
    case .clipped: .ofInput { x, f in (1 - (-x).step(above: -f.a)) * (1 - x.step(above: f.b)) }
    case .sign, .step, .floor, .ceiling, .rounded, .truncated: .ofInput { x, _ in x.zeros }
    }
  }

  var reads: Keeps {
    switch slope {
    case .ofInput: .allInputs
    case .ofOutput: .output
    case .ofBoth: .allInputs + .output
    }
  }

  func derivative(_ context: Context) -> Tensor {
    switch slope {
    case .ofInput(let slope): slope(context.input(), self)
    case .ofOutput(let slope): slope(context.output())
    case .ofBoth(let slope): slope(context.input(), context.output())
    }
  }
}

/// Slopes of several terms.
extension Tensor {
  /// 1 − x² in factored form, which loses no digits near ±1.
  fileprivate var oneLessSquare: Tensor { (1 - self) * (1 + self) }

  /// 1 above 0, α eˣ below.
  fileprivate func exponentialUnitSlope(alpha: Double) -> Tensor {
    let below = clipped(maximum: 0).exp() * alpha
    let above = step(above: 0)
    return above + (1 - above) * below
  }

  /// σ(x) (1 + x (1 − σ(x))).
  fileprivate var siluSlope: Tensor {
    let s = sigmoid()
    return s * (self * (1 - s) + 1)
  }

  /// Φ(x) + x φ(x).
  fileprivate var geluSlope: Tensor {
    let density = (square() * -0.5).exp() * 0.39894228040143267794
    return (self * -0.70710678118654752440).erfc() * 0.5 + self * density
  }

  /// Beyond ±20 the slope rounds to 0 or 1, and farther out squares would overflow.
  fileprivate var geluByTanhSlope: Tensor {
    let factor = 0.79788456080286535588
    let x = clipped(minimum: -20, maximum: 20)
    let t = ((x + x * x.square() * 0.044715) * factor).tanh()
    let inner = (x.square() * (3 * 0.044715) + 1) * factor
    return (t + 1) * 0.5 + x * (1 - t.square()) * inner * 0.5
  }

  /// tanh u + x (1 − tanh² u) σ(x) with u = ln(1 + eˣ).
  fileprivate var mishSlope: Tensor {
    let t = softplus().tanh()
    return t + self * (1 - t.square()) * sigmoid()
  }

  /// 1 above a bound, another number elsewhere: the slope of a function with a kink at the bound. NaN stays NaN.
  func step(above bound: Double, elsewhere other: Double = 0) -> Tensor { mapped(.step, bound, other) }

  private func mapped(_ function: UnaryOperation, _ a: Double = 0, _ b: Double = 0) -> Tensor {
    ElementFunction(function: function, a: a, b: b)(self)
  }
}

// MARK: Powers, exponentials and logarithms

extension Tensor {
  /// x² of every element.
  public func square() -> Tensor { mapped(.square) }

  /// √x of every element.
  public func squareRoot() -> Tensor { mapped(.squareRoot) }

  /// 1 / √x of every element.
  public func reciprocalSquareRoot() -> Tensor { mapped(.reciprocalSquareRoot) }

  /// 1 / x of every element.
  public func reciprocal() -> Tensor { mapped(.reciprocal) }

  /// eˣ of every element.
  public func exp() -> Tensor { mapped(.exp) }

  /// 2ˣ of every element.
  public func exp2() -> Tensor { mapped(.exp2) }

  /// eˣ − 1 of every element, accurate near 0.
  public func expMinusOne() -> Tensor { mapped(.expMinusOne) }

  /// ln x of every element.
  public func log() -> Tensor { mapped(.log) }

  /// log₂ x of every element.
  public func log2() -> Tensor { mapped(.log2) }

  /// ln (1 + x) of every element, accurate near 0.
  public func logOnePlus() -> Tensor { mapped(.logOnePlus) }
}

// MARK: Trigonometric and hyperbolic functions, and the error function

extension Tensor {
  /// sin x of every element.
  public func sin() -> Tensor { mapped(.sin) }

  /// cos x of every element.
  public func cos() -> Tensor { mapped(.cos) }

  /// tan x of every element.
  public func tan() -> Tensor { mapped(.tan) }

  /// arcsin x of every element.
  public func arcsin() -> Tensor { mapped(.arcsin) }

  /// arccos x of every element.
  public func arccos() -> Tensor { mapped(.arccos) }

  /// arctan x of every element.
  public func arctan() -> Tensor { mapped(.arctan) }

  /// sinh x of every element.
  public func sinh() -> Tensor { mapped(.sinh) }

  /// cosh x of every element.
  public func cosh() -> Tensor { mapped(.cosh) }

  /// tanh x of every element.
  public func tanh() -> Tensor { mapped(.tanh) }

  /// arsinh x of every element.
  public func arsinh() -> Tensor { mapped(.arsinh) }

  /// arcosh x of every element.
  public func arcosh() -> Tensor { mapped(.arcosh) }

  /// artanh x of every element.
  public func artanh() -> Tensor { mapped(.artanh) }

  /// erf x of every element.
  public func erf() -> Tensor { mapped(.erf) }

  /// 1 − erf x of every element, accurate where that is small.
  public func erfc() -> Tensor { mapped(.erfc) }
}

// MARK: Activations

extension Tensor {
  /// σ(x) = 1 / (1 + e⁻ˣ) of every element.
  public func sigmoid() -> Tensor { mapped(.sigmoid) }

  /// ln σ(x) of every element, accurate where σ vanishes.
  public func logSigmoid() -> Tensor { mapped(.logSigmoid) }

  /// max(x, 0) of every element; the derivative at 0 is taken as 0.
  public func relu() -> Tensor { mapped(.relu) }

  /// x σ(x) of every element, also called swish.
  public func silu() -> Tensor { mapped(.silu) }

  /// x Φ(x) of every element, with the normal distribution function Φ.
  public func gelu() -> Tensor { mapped(.gelu) }

  /// x (1 + tanh u) / 2 of every element, with u = √(2/π) (x + 0.044715 x³): an approximation of `gelu`.
  public func geluByTanh() -> Tensor { mapped(.geluByTanh) }

  /// x tanh ln(1 + eˣ) of every element.
  public func mish() -> Tensor { mapped(.mish) }

  /// x / (1 + |x|) of every element.
  public func softsign() -> Tensor { mapped(.softsign) }

  /// x / 6 + 1 / 2 of every element, clamped to 0…1.
  public func hardSigmoid() -> Tensor { mapped(.hardSigmoid) }

  /// λ x above 0, λ α (eˣ − 1) below, of every element: preserves mean and variance in self-normalising networks.
  public func selu() -> Tensor { mapped(.selu) }

  /// ln(1 + e^βx) / β of every element.
  ///
  ///     let y = x.softplus(beta: 2)
  public func softplus(beta: Double = 1) -> Tensor {
    require(beta > 0, "softplus: beta \(beta) is not positive")
    return beta == 1 ? mapped(.softplus) : mapped(.scaledSoftplus, beta)
  }

  /// x above 0, slope · x below, of every element; the derivative at 0 is the slope.
  ///
  ///     let y = x.leakyRelu(slope: 0.2)
  public func leakyRelu(slope: Double = 0.01) -> Tensor { mapped(.leakyRelu, slope) }

  /// x above 0, α (eˣ − 1) below, of every element.
  ///
  ///     let y = x.elu()
  public func elu(alpha: Double = 1) -> Tensor { mapped(.elu, alpha) }

  /// Every element clamped to two bounds; the derivative at a bound is 1.
  ///
  ///     let y = x.clipped(minimum: -1, maximum: 1)
  public func clipped(minimum: Double = -.infinity, maximum: Double = .infinity) -> Tensor {
    require(minimum <= maximum, "clipped: the minimum \(minimum) is not at most the maximum \(maximum)")
    return mapped(.clipped, minimum, maximum)
  }

  /// Every element clamped to −1…1.
  public func hardTanh() -> Tensor { mapped(.clipped, -1, 1) }
}

// MARK: Signs and whole numbers

extension Tensor {
  /// |x| of every element; the derivative at 0 is taken as 0.
  public func magnitude() -> Tensor { mapped(.magnitude) }

  /// −1, 0 or 1 of every element; its derivative is 0.
  public func sign() -> Tensor { mapped(.sign) }

  /// The largest integer not above each element; its derivative is 0.
  public func floor() -> Tensor { mapped(.floor) }

  /// The smallest integer not below each element; its derivative is 0.
  public func ceiling() -> Tensor { mapped(.ceiling) }

  /// The integer nearest to each element, ties to even; its derivative is 0.
  public func rounded() -> Tensor { mapped(.rounded) }

  /// Each element rounded toward zero; its derivative is 0.
  public func truncated() -> Tensor { mapped(.truncated) }
}
