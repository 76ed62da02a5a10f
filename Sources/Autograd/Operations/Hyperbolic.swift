internal import UnrollArrays

struct HyperbolicSine: Elementwise {
  var name: String { "sinh" }
  static let reads = Keeps.allInputs
  func value(_ x: NDArray) -> NDArray { x.sinh() }
  func derivative(_ context: Context) -> Tensor { context.input().cosh() }
}

struct HyperbolicCosine: Elementwise {
  var name: String { "cosh" }
  static let reads = Keeps.allInputs
  func value(_ x: NDArray) -> NDArray { x.cosh() }
  func derivative(_ context: Context) -> Tensor { context.input().sinh() }
}

struct HyperbolicTangent: Elementwise {
  var name: String { "tanh" }
  static let reads = Keeps.output
  func value(_ x: NDArray) -> NDArray { x.tanh() }
  func derivative(_ context: Context) -> Tensor { 1 - context.output().square() }
}

struct InverseHyperbolicSine: Elementwise {
  var name: String { "arsinh" }
  static let reads = Keeps.allInputs
  func value(_ x: NDArray) -> NDArray { x.arsinh() }
  func derivative(_ context: Context) -> Tensor { (context.input().square() + 1).reciprocalSquareRoot() }
}

struct InverseHyperbolicCosine: Elementwise {
  var name: String { "arcosh" }
  static let reads = Keeps.allInputs
  func value(_ x: NDArray) -> NDArray { x.arcosh() }
  func derivative(_ context: Context) -> Tensor {
    let x = context.input()
    return ((x - 1) * (x + 1)).reciprocalSquareRoot()
  }
}

struct InverseHyperbolicTangent: Elementwise {
  var name: String { "artanh" }
  static let reads = Keeps.allInputs
  func value(_ x: NDArray) -> NDArray { x.artanh() }
  func derivative(_ context: Context) -> Tensor { context.input().oneLessSquare.reciprocal() }
}

extension Tensor {
  /// sinh x of every element.
  ///
  ///     let y = x.sinh()
  public func sinh() -> Tensor { HyperbolicSine()(self) }

  /// cosh x of every element.
  ///
  ///     let y = x.cosh()
  public func cosh() -> Tensor { HyperbolicCosine()(self) }

  /// tanh x of every element.
  ///
  ///     let y = x.tanh()
  public func tanh() -> Tensor { HyperbolicTangent()(self) }

  /// arsinh x of every element.
  ///
  ///     let y = x.arsinh()
  public func arsinh() -> Tensor { InverseHyperbolicSine()(self) }

  /// arcosh x of every element.
  ///
  ///     let y = x.arcosh()
  public func arcosh() -> Tensor { InverseHyperbolicCosine()(self) }

  /// artanh x of every element.
  ///
  ///     let y = x.artanh()
  public func artanh() -> Tensor { InverseHyperbolicTangent()(self) }
}
