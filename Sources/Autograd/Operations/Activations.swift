internal import UnrollArrays

struct Sigmoid: Elementwise {
  static let reads = Keeps.output
  func value(_ x: NDArray) -> NDArray { x.sigmoid() }
  func derivative(_ context: Context) -> Tensor { context.output() * (1 - context.output()) }
}

struct LogarithmOfSigmoid: Elementwise {
  var name: String { "logSigmoid" }
  static let reads = Keeps.allInputs
  func value(_ x: NDArray) -> NDArray { x.logSigmoid() }
  func derivative(_ context: Context) -> Tensor { (-context.input()).sigmoid() }
}

struct Rectifier: Elementwise {
  var name: String { "relu" }
  static let reads = Keeps.output
  func value(_ x: NDArray) -> NDArray { x.relu() }
  func derivative(_ context: Context) -> Tensor { context.output().step(above: 0) }
}

struct SigmoidUnit: Elementwise {
  var name: String { "silu" }
  static let reads = Keeps.allInputs
  func value(_ x: NDArray) -> NDArray { x.silu() }
  func derivative(_ context: Context) -> Tensor { context.input().siluSlope }
}

/// d/dx x Φ(x) = Φ(x) + x φ(x).
struct GaussianUnit: Elementwise {
  var name: String { "gelu" }
  static let reads = Keeps.allInputs
  func value(_ x: NDArray) -> NDArray { x.gelu() }
  func derivative(_ context: Context) -> Tensor { context.input().geluSlope }
}

struct GaussianUnitByTanh: Elementwise {
  var name: String { "geluByTanh" }
  static let reads = Keeps.allInputs
  func value(_ x: NDArray) -> NDArray { x.geluByTanh() }
  func derivative(_ context: Context) -> Tensor { context.input().geluByTanhSlope }
}

struct Mish: Elementwise {
  static let reads = Keeps.allInputs
  func value(_ x: NDArray) -> NDArray { x.mish() }
  func derivative(_ context: Context) -> Tensor { context.input().mishSlope }
}

struct Softsign: Elementwise {
  static let reads = Keeps.allInputs
  func value(_ x: NDArray) -> NDArray { x.softsign() }
  func derivative(_ context: Context) -> Tensor { (context.input().magnitude() + 1).square().reciprocal() }
}

struct HardSigmoid: Elementwise {
  static let reads = Keeps.allInputs
  func value(_ x: NDArray) -> NDArray { x.hardSigmoid() }
  func derivative(_ context: Context) -> Tensor { context.input().slopeWithin(-3, 3, 1.0 / 6) }
}

struct ScaledExponentialUnit: Elementwise {
  var name: String { "selu" }
  static let reads = Keeps.allInputs
  func value(_ x: NDArray) -> NDArray { x.selu() }
  func derivative(_ context: Context) -> Tensor {
    context.input().exponentialUnitSlope(alpha: 1.67326324235437728481) * 1.05070098735548049342
  }
}

/// ln(1 + e^βx) / β.
struct Softplus: Elementwise {
  let beta: Double
  static let reads = Keeps.allInputs
  func value(_ x: NDArray) -> NDArray { x.softplus(beta: beta) }
  func derivative(_ context: Context) -> Tensor { (context.input() * beta).sigmoid() }
}

/// x, below 0 slope · x.
struct LeakyRectifier: Elementwise {
  let slope: Double
  var name: String { "leakyRelu" }
  static let reads = Keeps.allInputs
  func value(_ x: NDArray) -> NDArray { x.leakyRelu(slope: slope) }
  func derivative(_ context: Context) -> Tensor { context.input().step(above: 0, elsewhere: slope) }
}

/// x, below 0 α (eˣ − 1).
struct ExponentialUnit: Elementwise {
  let alpha: Double
  var name: String { "elu" }
  static let reads = Keeps.allInputs
  func value(_ x: NDArray) -> NDArray { x.elu(alpha: alpha) }
  func derivative(_ context: Context) -> Tensor { context.input().exponentialUnitSlope(alpha: alpha) }
}

/// x within two bounds; the derivative at a bound is 1.
struct Clipping: Elementwise {
  let minimum: Double
  let maximum: Double
  var name: String { "clipped" }
  static let reads = Keeps.allInputs
  func value(_ x: NDArray) -> NDArray { x.clipped(minimum: minimum, maximum: maximum) }

  func derivative(_ context: Context) -> Tensor {
    let x = context.input()
    return (1 - (-x).step(above: -minimum)) * (1 - x.step(above: maximum))
  }
}

extension Tensor {
  /// σ(x) = 1 / (1 + e⁻ˣ) of every element.
  ///
  ///     let y = x.sigmoid()
  public func sigmoid() -> Tensor { Sigmoid()(self) }

  /// ln σ(x) of every element, accurate where σ vanishes.
  ///
  ///     let y = x.logSigmoid()
  public func logSigmoid() -> Tensor { LogarithmOfSigmoid()(self) }

  /// max(x, 0) of every element; the derivative at 0 is taken as 0.
  ///
  ///     let y = x.relu()
  public func relu() -> Tensor { Rectifier()(self) }

  /// x σ(x) of every element, also called swish.
  ///
  ///     let y = x.silu()
  public func silu() -> Tensor { SigmoidUnit()(self) }

  /// x Φ(x) of every element, with the normal distribution function Φ.
  ///
  ///     let y = x.gelu()
  public func gelu() -> Tensor { GaussianUnit()(self) }

  /// x (1 + tanh u) / 2 of every element, u = √(2/π) (x + 0.044715 x³): near to `gelu`.
  ///
  ///     let y = x.geluByTanh()
  public func geluByTanh() -> Tensor { GaussianUnitByTanh()(self) }

  /// x tanh ln(1 + eˣ) of every element.
  ///
  ///     let y = x.mish()
  public func mish() -> Tensor { Mish()(self) }

  /// x / (1 + |x|) of every element.
  ///
  ///     let y = x.softsign()
  public func softsign() -> Tensor { Softsign()(self) }

  /// x / 6 + 1 / 2 of every element, within 0 and 1.
  ///
  ///     let y = x.hardSigmoid()
  public func hardSigmoid() -> Tensor { HardSigmoid()(self) }

  /// λ x, below 0 λ α (eˣ − 1), of every element: keeps mean and variance of self-normalising networks.
  ///
  ///     let y = x.selu()
  public func selu() -> Tensor { ScaledExponentialUnit()(self) }

  /// ln(1 + e^βx) / β of every element.
  ///
  ///     let y = x.softplus(beta: 2)
  public func softplus(beta: Double = 1) -> Tensor { Softplus(beta: beta)(self) }

  /// x, below 0 slope · x, of every element; the derivative at 0 is the slope.
  ///
  ///     let y = x.leakyRelu(slope: 0.2)
  public func leakyRelu(slope: Double = 0.01) -> Tensor { LeakyRectifier(slope: slope)(self) }

  /// x, below 0 α (eˣ − 1), of every element.
  ///
  ///     let y = x.elu()
  public func elu(alpha: Double = 1) -> Tensor { ExponentialUnit(alpha: alpha)(self) }

  /// x within two bounds; a bound passes the derivative.
  ///
  ///     let y = x.clipped(minimum: -1, maximum: 1)
  public func clipped(minimum: Double = -.infinity, maximum: Double = .infinity) -> Tensor {
    Clipping(minimum: minimum, maximum: maximum)(self)
  }

  /// x within −1 and 1.
  ///
  ///     let y = x.hardTanh()
  public func hardTanh() -> Tensor { clipped(minimum: -1, maximum: 1) }
}

/// Slopes that are written out.
extension Tensor {
  fileprivate func slopeWithin(_ low: Double, _ high: Double, _ slope: Double) -> Tensor {
    step(above: low) * (-self).step(above: -high) * slope
  }

  /// 1, below 0 α eˣ.
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

  fileprivate var geluSlope: Tensor {
    let density = (square() * -0.5).exp() * 0.39894228040143267794
    return (self * -0.70710678118654752440).erfc() * 0.5 + self * density
  }

  /// Beyond 20 the slope is 0 or 1 to the last digit, and further out squares would overflow.
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
}
