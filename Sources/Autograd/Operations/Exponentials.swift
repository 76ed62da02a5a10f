internal import UnrollArrays

struct Exponential: Elementwise {
  var name: String { "exp" }
  static let reads = Keeps.output
  func value(_ x: NDArray) -> NDArray { x.exp() }
  func derivative(_ context: Context) -> Tensor { context.output() }
}

/// d/dx 2ˣ = 2ˣ ln 2.
struct Exponential2: Elementwise {
  var name: String { "exp2" }
  static let reads = Keeps.output
  func value(_ x: NDArray) -> NDArray { x.exp2() }
  func derivative(_ context: Context) -> Tensor { context.output() * 0.693147180559945309417 }
}

struct ExponentialMinusOne: Elementwise {
  var name: String { "expMinusOne" }
  static let reads = Keeps.output
  func value(_ x: NDArray) -> NDArray { x.expMinusOne() }
  func derivative(_ context: Context) -> Tensor { context.output() + 1 }
}

struct Logarithm: Elementwise {
  var name: String { "log" }
  static let reads = Keeps.allInputs
  func value(_ x: NDArray) -> NDArray { x.log() }
  func derivative(_ context: Context) -> Tensor { context.input().reciprocal() }
}

struct Logarithm2: Elementwise {
  var name: String { "log2" }
  static let reads = Keeps.allInputs
  func value(_ x: NDArray) -> NDArray { x.log2() }
  func derivative(_ context: Context) -> Tensor { 1.44269504088896340736 / context.input() }
}

struct LogarithmOfOnePlus: Elementwise {
  var name: String { "logOnePlus" }
  static let reads = Keeps.allInputs
  func value(_ x: NDArray) -> NDArray { x.logOnePlus() }
  func derivative(_ context: Context) -> Tensor { (context.input() + 1).reciprocal() }
}

extension Tensor {
  /// eˣ of every element.
  ///
  ///     let y = x.exp()
  public func exp() -> Tensor { Exponential()(self) }

  /// 2ˣ of every element.
  ///
  ///     let y = x.exp2()
  public func exp2() -> Tensor { Exponential2()(self) }

  /// eˣ − 1 of every element, accurate near 0.
  ///
  ///     let y = x.expMinusOne()
  public func expMinusOne() -> Tensor { ExponentialMinusOne()(self) }

  /// ln x of every element.
  ///
  ///     let y = x.log()
  public func log() -> Tensor { Logarithm()(self) }

  /// log₂ x of every element.
  ///
  ///     let y = x.log2()
  public func log2() -> Tensor { Logarithm2()(self) }

  /// ln (1 + x) of every element, accurate near 0.
  ///
  ///     let y = x.logOnePlus()
  public func logOnePlus() -> Tensor { LogarithmOfOnePlus()(self) }
}
