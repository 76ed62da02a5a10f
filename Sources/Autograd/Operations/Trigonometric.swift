internal import UnrollArrays

struct Sine: Elementwise {
  var name: String { "sin" }
  static let reads = Keeps.allInputs
  func value(_ x: NDArray) -> NDArray { x.sin() }
  func derivative(_ context: Context) -> Tensor { context.input().cos() }
}

struct Cosine: Elementwise {
  var name: String { "cos" }
  static let reads = Keeps.allInputs
  func value(_ x: NDArray) -> NDArray { x.cos() }
  func derivative(_ context: Context) -> Tensor { -context.input().sin() }
}

struct Tangent: Elementwise {
  var name: String { "tan" }
  static let reads = Keeps.output
  func value(_ x: NDArray) -> NDArray { x.tan() }
  func derivative(_ context: Context) -> Tensor { context.output().square() + 1 }
}

struct InverseSine: Elementwise {
  var name: String { "arcsin" }
  static let reads = Keeps.allInputs
  func value(_ x: NDArray) -> NDArray { x.arcsin() }
  func derivative(_ context: Context) -> Tensor { context.input().oneLessSquare.reciprocalSquareRoot() }
}

struct InverseCosine: Elementwise {
  var name: String { "arccos" }
  static let reads = Keeps.allInputs
  func value(_ x: NDArray) -> NDArray { x.arccos() }
  func derivative(_ context: Context) -> Tensor { -context.input().oneLessSquare.reciprocalSquareRoot() }
}

struct InverseTangent: Elementwise {
  var name: String { "arctan" }
  static let reads = Keeps.allInputs
  func value(_ x: NDArray) -> NDArray { x.arctan() }
  func derivative(_ context: Context) -> Tensor { (context.input().square() + 1).reciprocal() }
}

extension Tensor {
  /// sin x of every element.
  ///
  ///     let y = x.sin()
  public func sin() -> Tensor { Sine()(self) }

  /// cos x of every element.
  ///
  ///     let y = x.cos()
  public func cos() -> Tensor { Cosine()(self) }

  /// tan x of every element.
  ///
  ///     let y = x.tan()
  public func tan() -> Tensor { Tangent()(self) }

  /// arcsin x of every element.
  ///
  ///     let y = x.arcsin()
  public func arcsin() -> Tensor { InverseSine()(self) }

  /// arccos x of every element.
  ///
  ///     let y = x.arccos()
  public func arccos() -> Tensor { InverseCosine()(self) }

  /// arctan x of every element.
  ///
  ///     let y = x.arctan()
  public func arctan() -> Tensor { InverseTangent()(self) }
}

extension Tensor {
  /// 1 − x² by factors, which lose no digits near ±1.
  var oneLessSquare: Tensor { (1 - self) * (1 + self) }
}
