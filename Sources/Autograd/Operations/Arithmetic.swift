public import UnrollArrays

struct Sum: TwoInputs {
  var name: String { "add" }
  func value(_ x: NDArray, _ y: NDArray) -> NDArray { x + y }
  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> { Few(g[0], context.wants(1) ? g[0] : nil) }
  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> { Few(sum(t[0], t[1])) }
}

struct Difference: TwoInputs {
  var name: String { "subtract" }
  func value(_ x: NDArray, _ y: NDArray) -> NDArray { x - y }
  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    Few(g[0], context.wants(1) ? g[0].map { -$0 } : nil)
  }
  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> { [sum(t[0], t[1].map { -$0 })] }
}

struct Multiplication: Bilinear {
  var name: String { "multiply" }
  func value(_ x: NDArray, _ y: NDArray) -> NDArray { x * y }
  func transposedFirst(_ g: Tensor, _ y: Tensor) -> Tensor { g * y }
  func transposedSecond(_ g: Tensor, _ x: Tensor) -> Tensor { g * x }
}

/// z = x / y: ∂z/∂x = 1 / y, ∂z/∂y = −z / y.
struct Division: TwoInputs {
  var name: String { "divide" }
  func value(_ x: NDArray, _ y: NDArray) -> NDArray { x / y }
  func keeps(recorded: (Int) -> Bool) -> Keeps { .inputs(1) + (recorded(1) ? .output : .nothing) }

  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    let slope = g[0].map { $0 / context.input(1) }
    return [slope, context.wants(1) ? slope.map { -($0 * context.output()) } : nil]
  }

  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    let change = sum(t[0], t[1].map { -($0 * context.output()) })
    return [change.map { $0 / context.input(1) }]
  }
}

struct Negation: LinearMap {
  var name: String { "negate" }
  func value(_ x: NDArray) -> NDArray { -x }
  func transposed(_ g: Tensor, _ shape: Shape) -> Tensor { -g }
}

/// x + number.
struct Shift: OneInput {
  let number: Double
  var name: String { "add" }
  func value(_ x: NDArray) -> NDArray { x + number }
  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> { g }
  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> { t }
}

/// number · x.
struct Scaling: LinearMap {
  let number: Double
  var name: String { "multiply" }
  func value(_ x: NDArray) -> NDArray { x * number }
  func transposed(_ g: Tensor, _ shape: Shape) -> Tensor { g * number }
}

/// x / number.
struct ScalingByQuotient: LinearMap {
  let number: Double
  var name: String { "divide" }
  func value(_ x: NDArray) -> NDArray { x / number }
  func transposed(_ g: Tensor, _ shape: Shape) -> Tensor { g / number }
}

/// number / x.
struct Quotient: Elementwise {
  let number: Double
  var name: String { "divide" }
  var reads: Keeps { .allInputs + .output }
  func value(_ x: NDArray) -> NDArray { number / x }
  func derivative(_ context: Context) -> Tensor { -(context.output() / context.input()) }
}

/// Shapes broadcast: axes are aligned from the last, and extents of one are stretched.
extension Tensor {
  /// x + y.
  ///
  ///     let z = Tensor([1, 2]) + Tensor([3, 4])
  public static func + (x: Tensor, y: Tensor) -> Tensor { Sum()(x, y) }

  /// x − y.
  public static func - (x: Tensor, y: Tensor) -> Tensor { Difference()(x, y) }

  /// x y of every pair of elements; the matrix product is `matmul`.
  ///
  ///     let kept = x * gate
  public static func * (x: Tensor, y: Tensor) -> Tensor { Multiplication()(x, y) }

  /// x / y.
  ///
  ///     let ratio = x / y
  public static func / (x: Tensor, y: Tensor) -> Tensor { Division()(x, y) }

  /// −x.
  public static prefix func - (x: Tensor) -> Tensor { Negation()(x) }

  /// x + number, of every element.
  ///
  ///     let y = x + bias
  public static func + (x: Tensor, number: Double) -> Tensor { Shift(number: number)(x) }
  /// number + x, of every element.
  public static func + (number: Double, x: Tensor) -> Tensor { x + number }
  /// x − number, of every element.
  public static func - (x: Tensor, number: Double) -> Tensor { x + -number }
  /// number − x, of every element.
  public static func - (number: Double, x: Tensor) -> Tensor { -x + number }
  /// x · number, of every element.
  public static func * (x: Tensor, number: Double) -> Tensor { Scaling(number: number)(x) }
  /// number · x, of every element.
  public static func * (number: Double, x: Tensor) -> Tensor { x * number }
  /// x / number, of every element.
  public static func / (x: Tensor, number: Double) -> Tensor { ScalingByQuotient(number: number)(x) }
  /// number / x, of every element.
  public static func / (number: Double, x: Tensor) -> Tensor { Quotient(number: number)(x) }

  /// x ← x + y.
  public static func += (x: inout Tensor, y: Tensor) { x = x + y }
  /// x ← x − y.
  public static func -= (x: inout Tensor, y: Tensor) { x = x - y }
  /// x ← x · y.
  public static func *= (x: inout Tensor, y: Tensor) { x = x * y }
  /// x ← x / y.
  public static func /= (x: inout Tensor, y: Tensor) { x = x / y }
  /// x ← x + number.
  public static func += (x: inout Tensor, number: Double) { x = x + number }
  /// x ← x − number.
  public static func -= (x: inout Tensor, number: Double) { x = x - number }
  /// x ← x · number.
  public static func *= (x: inout Tensor, number: Double) { x = x * number }
  /// x ← x / number.
  public static func /= (x: inout Tensor, number: Double) { x = x / number }
}

/// The same numbers in another element type. Cotangents return in the type of the input.
struct Casting: LinearMap {
  let source: ElementType
  let target: ElementType
  var name: String { "cast" }
  func value(_ x: NDArray) -> NDArray { x.cast(to: target) }
  func transposed(_ g: Tensor, _ shape: Shape) -> Tensor { g.cast(to: source) }
}

extension Tensor {
  /// The same numbers in another type, rounded if it is the smaller one. Derivatives pass as through any linear map, each in
  /// the type of its tensor: a float32 network can have a float64 loss.
  ///
  ///     let loss = x.cast(to: .float64).square().mean()
  public func cast(to type: ElementType) -> Tensor {
    self.type == type ? self : Casting(source: self.type, target: type)(self)
  }
}
