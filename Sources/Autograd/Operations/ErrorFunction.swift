internal import UnrollArrays

/// d/dx erf x = 2 / √π · exp(−x²).
struct ErrorFunction: Elementwise {
  var name: String { "erf" }
  static let reads = Keeps.allInputs
  func value(_ x: NDArray) -> NDArray { x.erf() }
  func derivative(_ context: Context) -> Tensor { (-context.input().square()).exp() * 1.12837916709551257390 }
}

struct ComplementaryErrorFunction: Elementwise {
  var name: String { "erfc" }
  static let reads = Keeps.allInputs
  func value(_ x: NDArray) -> NDArray { x.erfc() }
  func derivative(_ context: Context) -> Tensor { (-context.input().square()).exp() * -1.12837916709551257390 }
}

extension Tensor {
  /// erf x of every element.
  ///
  ///     let y = x.erf()
  public func erf() -> Tensor { ErrorFunction()(self) }

  /// 1 − erf x of every element, accurate where that is small.
  ///
  ///     let y = x.erfc()
  public func erfc() -> Tensor { ComplementaryErrorFunction()(self) }
}
