public import UnrollArrays

/// The elements of one tensor where a mask holds, of another elsewhere.
struct Selection: TwoInputs {
  let mask: Mask
  var name: String { "select" }
  func value(_ x: NDArray, _ y: NDArray) -> NDArray { mask.select(x, y) }

  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    guard let g = g[0] else { return [nil, nil] }
    let zero = Tensor(0, g.type)
    return [
      context.wants(0) ? Tensor.select(mask, g, zero) : nil,
      context.wants(1) ? Tensor.select(mask, zero, g) : nil,
    ]
  }

  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    let zero = Tensor(0, context.type)
    return [Tensor.select(mask, t[0] ?? zero, t[1] ?? zero)]
  }
}

/// The elements of one tensor where another is positive, a number elsewhere. Nothing is derived by the other tensor.
///
/// `Selection` takes a mask, which somebody made by reading numbers. A trace can follow this one.
struct PositiveSelection: TwoInputs {
  let number: Double
  var name: String { "select" }
  func value(_ x: NDArray, _ y: NDArray) -> NDArray { (y .> 0).select(x, NDArray(number, x.type)) }
  func keeps(recorded: (Int) -> Bool) -> Keeps { .inputs(1) }

  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    [g[0].map { Tensor.select(context.input(1).array .> 0, $0, Tensor(0, $0.type)) }, nil]
  }

  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    [t[0].map { Tensor.select(context.input(1).array .> 0, $0, Tensor(0, $0.type)) }]
  }
}

/// The smaller or larger of two tensors; at a tie each gets half of the derivative.
struct Extremum: TwoInputs {
  let isMaximum: Bool
  var name: String { isMaximum ? "maximum" : "minimum" }
  func value(_ x: NDArray, _ y: NDArray) -> NDArray { isMaximum ? x.maximum(y) : x.minimum(y) }
  func keeps(recorded: (Int) -> Bool) -> Keeps { .allInputs }

  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    guard let g = g[0] else { return [nil, nil] }
    let share = share(context)
    return [context.wants(0) ? g * share : nil, context.wants(1) ? g * (1 - share) : nil]
  }

  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    let share = share(context)
    return [sum(t[0].map { $0 * share }, t[1].map { $0 * (1 - share) })]
  }

  /// The share of the first input in each result: 1, 0, or ½.
  private func share(_ context: Context) -> Tensor {
    let (x, y) = (context.input(0).array, context.input(1).array)
    let (type, tie) = (x.type, NDArray(0.5, x.type))
    let first = isMaximum ? x .> y : x .< y
    return Tensor((x .== y).select(tie, first.array(type)))
  }
}

extension Tensor {
  /// Elements of `x` where the mask holds, of `y` elsewhere; all three broadcast.
  ///
  ///     let y = Tensor.select([true, false], [1, 2], [3, 4])  // 1, 4
  public static func select(_ mask: Mask, _ x: Tensor, _ y: Tensor) -> Tensor {
    Selection(mask: mask)(x, y)
  }

  /// The elements where another tensor is positive, and a number elsewhere. No derivative passes to the other tensor.
  package func selected(wherePositive other: Tensor, else number: Double) -> Tensor {
    PositiveSelection(number: number)(self, other)
  }

  /// The smaller of each pair of elements; at a tie each gets half of the derivative.
  ///
  ///     let y = x.minimum(limits)
  public func minimum(_ other: Tensor) -> Tensor { Extremum(isMaximum: false)(self, other) }

  /// The larger of each pair of elements; at a tie each gets half of the derivative.
  ///
  ///     let y = x.maximum(limits)
  public func maximum(_ other: Tensor) -> Tensor { Extremum(isMaximum: true)(self, other) }

  /// Each element, or the number where that is smaller.
  public func minimum(_ number: Double) -> Tensor { minimum(Tensor(number, type)) }

  /// Each element, or the number where that is larger.
  public func maximum(_ number: Double) -> Tensor { maximum(Tensor(number, type)) }
}

/// Comparisons of the numbers, which are never recorded.
extension Tensor {
  /// Where x is less than y.
  ///
  ///     let negative = x .< 0
  public static func .< (x: Tensor, y: Tensor) -> Mask { x.array .< y.array }
  /// Where x is at most y.
  public static func .<= (x: Tensor, y: Tensor) -> Mask { x.array .<= y.array }
  /// Where x is greater than y.
  public static func .> (x: Tensor, y: Tensor) -> Mask { x.array .> y.array }
  /// Where x is at least y.
  public static func .>= (x: Tensor, y: Tensor) -> Mask { x.array .>= y.array }
  /// Where x equals y.
  public static func .== (x: Tensor, y: Tensor) -> Mask { x.array .== y.array }
  /// Where x differs from y.
  public static func .!= (x: Tensor, y: Tensor) -> Mask { x.array .!= y.array }
  /// Where x is less than the number.
  public static func .< (x: Tensor, number: Double) -> Mask { x.array .< number }
  /// Where x is at most the number.
  public static func .<= (x: Tensor, number: Double) -> Mask { x.array .<= number }
  /// Where x is greater than the number.
  public static func .> (x: Tensor, number: Double) -> Mask { x.array .> number }
  /// Where x is at least the number.
  public static func .>= (x: Tensor, number: Double) -> Mask { x.array .>= number }
  /// Where x equals the number.
  public static func .== (x: Tensor, number: Double) -> Mask { x.array .== number }
  /// Where x differs from the number.
  public static func .!= (x: Tensor, number: Double) -> Mask { x.array .!= number }
}
