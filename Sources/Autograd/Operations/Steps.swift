internal import UnrollArrays

struct Magnitude: Elementwise {
  static let reads = Keeps.allInputs
  func value(_ x: NDArray) -> NDArray { x.magnitude() }
  func derivative(_ context: Context) -> Tensor { context.input().sign() }
}

struct Signum: Elementwise {
  var name: String { "sign" }
  static let reads = Keeps.allInputs
  func value(_ x: NDArray) -> NDArray { x.sign() }
  func derivative(_ context: Context) -> Tensor { context.input().zeros }
}

/// 1 above a bound, another number elsewhere; NaN stays.
struct Step: Elementwise {
  let bound: Double
  let other: Double
  static let reads = Keeps.allInputs
  func value(_ x: NDArray) -> NDArray { x.step(above: bound, elsewhere: other) }
  func derivative(_ context: Context) -> Tensor { context.input().zeros }
}

extension Tensor {
  /// 1 above a bound, another number elsewhere: the slope of what has a kink there.
  func step(above bound: Double, elsewhere other: Double = 0) -> Tensor { Step(bound: bound, other: other)(self) }
}

struct Floor: Elementwise {
  static let reads = Keeps.allInputs
  func value(_ x: NDArray) -> NDArray { x.floor() }
  func derivative(_ context: Context) -> Tensor { context.input().zeros }
}

struct Ceiling: Elementwise {
  static let reads = Keeps.allInputs
  func value(_ x: NDArray) -> NDArray { x.ceiling() }
  func derivative(_ context: Context) -> Tensor { context.input().zeros }
}

struct Rounding: Elementwise {
  var name: String { "rounded" }
  static let reads = Keeps.allInputs
  func value(_ x: NDArray) -> NDArray { x.rounded() }
  func derivative(_ context: Context) -> Tensor { context.input().zeros }
}

struct Truncation: Elementwise {
  var name: String { "truncated" }
  static let reads = Keeps.allInputs
  func value(_ x: NDArray) -> NDArray { x.truncated() }
  func derivative(_ context: Context) -> Tensor { context.input().zeros }
}

extension Tensor {
  /// |x| of every element; the derivative at 0 is taken as 0.
  ///
  ///     let y = x.magnitude()
  public func magnitude() -> Tensor { Magnitude()(self) }

  /// −1, 0 or 1 of every element; its derivative is 0.
  ///
  ///     let y = x.sign()
  public func sign() -> Tensor { Signum()(self) }

  /// The largest integer not above each element; its derivative is 0.
  ///
  ///     let y = x.floor()
  public func floor() -> Tensor { Floor()(self) }

  /// The smallest integer not below each element; its derivative is 0.
  ///
  ///     let y = x.ceiling()
  public func ceiling() -> Tensor { Ceiling()(self) }

  /// The integer nearest to each element, ties to even; its derivative is 0.
  ///
  ///     let y = x.rounded()
  public func rounded() -> Tensor { Rounding()(self) }

  /// Each element without its fraction; its derivative is 0.
  ///
  ///     let y = x.truncated()
  public func truncated() -> Tensor { Truncation()(self) }
}
