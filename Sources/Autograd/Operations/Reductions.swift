public import UnrollArrays

/// The axes of a reduction; an empty list means all axes.
struct ReducedAxes: Sendable {
  let axes: [Int]
  let keepsAxes: Bool

  /// The shape of a result that keeps its reduced axes with extent one.
  func kept(_ shape: Shape) -> Shape {
    var result = shape
    if axes.isEmpty { return Shape(repeating: 1, count: shape.count) }
    for axis in axes { result[axis < 0 ? axis + shape.count : axis] = 1 }
    return result
  }

  /// The number of elements per result.
  func length(_ shape: Shape) -> Int {
    axes.isEmpty ? shape.elementCount : axes.reduce(1) { $0 * shape[$1 < 0 ? $1 + shape.count : $1] }
  }
}

struct SumAlong: LinearMap {
  let along: ReducedAxes
  var name: String { "sum" }
  func value(_ x: NDArray) -> NDArray { x.sum(axes: along.axes, keepingAxes: along.keepsAxes) }
  func transposed(_ g: Tensor, _ shape: Shape) -> Tensor { g.reshaped(along.kept(shape)).broadcast(to: shape) }
}

struct MeanAlong: LinearMap {
  let along: ReducedAxes
  var name: String { "mean" }
  func value(_ x: NDArray) -> NDArray { x.mean(axes: along.axes, keepingAxes: along.keepsAxes) }

  func transposed(_ g: Tensor, _ shape: Shape) -> Tensor {
    (g / Double(along.length(shape))).reshaped(along.kept(shape)).broadcast(to: shape)
  }
}

/// The largest or smallest element; elements that tie share the derivative evenly.
struct ExtremumAlong: OneInput {
  let along: ReducedAxes
  let isMaximum: Bool
  var name: String { isMaximum ? "max" : "min" }

  func value(_ x: NDArray) -> NDArray {
    isMaximum
      ? x.max(axes: along.axes, keepingAxes: along.keepsAxes) : x.min(axes: along.axes, keepingAxes: along.keepsAxes)
  }

  func keeps(recorded: (Int) -> Bool) -> Keeps { .allInputs + .output }

  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    [g[0].map { $0.reshaped(along.kept(context.shape())) * shares(context) }]
  }

  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    [t[0].map { ($0 * shares(context)).sum(axes: along.axes, keepingAxes: along.keepsAxes) }]
  }

  private func shares(_ context: Context) -> Tensor {
    let x = context.input().array
    let ties = (x .== context.output().array.reshaped(along.kept(x.shape))).array(x.type)
    return Tensor(ties / ties.sum(axes: along.axes, keepingAxes: true))
  }
}

/// The Euclidean norm. Its derivative is x / y, and 0 where the norm is 0.
struct NormAlong: OneInput {
  let along: ReducedAxes
  var name: String { "norm" }

  func value(_ x: NDArray) -> NDArray { x.norm(axes: along.axes, keepingAxes: along.keepsAxes) }
  func keeps(recorded: (Int) -> Bool) -> Keeps { .allInputs + .output }

  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    [g[0].map { $0.reshaped(along.kept(context.shape())) * direction(context) }]
  }

  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    [t[0].map { ($0 * direction(context)).sum(axes: along.axes, keepingAxes: along.keepsAxes) }]
  }

  private func direction(_ context: Context) -> Tensor {
    let y = context.output().reshaped(along.kept(context.shape()))
    return context.input() / Tensor.select(y.array .== 0, Tensor(1, y.type), y)
  }
}

/// ln Σ eˣ: its derivative is the softmax.
struct LogSumExpAlong: OneInput {
  let along: ReducedAxes
  var name: String { "logSumExp" }

  func value(_ x: NDArray) -> NDArray { x.logSumExp(axes: along.axes, keepingAxes: along.keepsAxes) }
  func keeps(recorded: (Int) -> Bool) -> Keeps { .allInputs + .output }

  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    [g[0].map { $0.reshaped(along.kept(context.shape())) * weights(context) }]
  }

  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    [t[0].map { ($0 * weights(context)).sum(axes: along.axes, keepingAxes: along.keepsAxes) }]
  }

  private func weights(_ context: Context) -> Tensor {
    let y = context.output().reshaped(along.kept(context.shape()))
    // Where all elements are −∞, all weights are 0.
    let weights = (context.input() - Tensor.select(y.array .== -.infinity, Tensor(0, y.type), y)).exp()
    if !(y.array.norm(order: .infinity).item > 16) { return weights }
    // The rounding error of a large logarithm scales all weights alike; they must add up to one.
    let sum = weights.sum(axes: along.axes, keepingAxes: true)
    return weights / Tensor.select(sum.array .== 0, Tensor(1, y.type), sum)
  }
}

struct CumulativeSum: LinearMap {
  let axis: Int
  let reversed: Bool
  func value(_ x: NDArray) -> NDArray { x.cumulativeSum(axis: axis, reversed: reversed) }
  func transposed(_ g: Tensor, _ shape: Shape) -> Tensor { g.cumulativeSum(axis: axis, reversed: !reversed) }
}

/// Without axes, all are reduced; negative axes count from the end; `keepingAxes` leaves the reduced axes with extent one.
extension Tensor {
  /// The sum along axes.
  ///
  /// `[a, b, c]` along axis 1 gives `[a, c]`.
  ///
  ///     let y = (Tensor([1, 2, 3]) * 2).sum()  // 12
  public func sum(axes: Int..., keepingAxes: Bool = false) -> Tensor { sum(axes: axes, keepingAxes: keepingAxes) }

  /// The sum along the axes of a list.
  ///
  ///     let x = Tensor.ones([2, 3])
  ///     print(x.sum(axes: 1))              // 3, 3
  ///     print(x.sum(keepingAxes: true))    // [1, 1]: 6
  public func sum(axes: [Int], keepingAxes: Bool = false) -> Tensor {
    SumAlong(along: ReducedAxes(axes: axes, keepsAxes: keepingAxes))(self)
  }

  /// The mean along axes.
  ///
  ///     let x = Tensor.range(6).reshaped([2, 3])
  ///     print(x.mean(axes: 1))  // 1, 4
  public func mean(axes: Int..., keepingAxes: Bool = false) -> Tensor { mean(axes: axes, keepingAxes: keepingAxes) }

  /// The mean along the axes of a list.
  public func mean(axes: [Int], keepingAxes: Bool = false) -> Tensor {
    MeanAlong(along: ReducedAxes(axes: axes, keepsAxes: keepingAxes))(self)
  }

  /// The largest element along axes; elements that tie share the derivative evenly.
  ///
  ///     let x = Tensor.range(6).reshaped([2, 3])
  ///     print(x.max(axes: 0))  // 3, 4, 5
  public func max(axes: Int..., keepingAxes: Bool = false) -> Tensor { max(axes: axes, keepingAxes: keepingAxes) }

  /// The largest element along the axes of a list.
  public func max(axes: [Int], keepingAxes: Bool = false) -> Tensor {
    ExtremumAlong(along: ReducedAxes(axes: axes, keepsAxes: keepingAxes), isMaximum: true)(self)
  }

  /// The smallest element along axes; elements that tie share the derivative evenly.
  ///
  ///     let x = Tensor.range(6).reshaped([2, 3])
  ///     print(x.min(axes: 1))  // 0, 3
  public func min(axes: Int..., keepingAxes: Bool = false) -> Tensor { min(axes: axes, keepingAxes: keepingAxes) }

  /// The smallest element along the axes of a list.
  public func min(axes: [Int], keepingAxes: Bool = false) -> Tensor {
    ExtremumAlong(along: ReducedAxes(axes: axes, keepsAxes: keepingAxes), isMaximum: false)(self)
  }

  /// The norm along axes: the root of the sum of squares, the sum of magnitudes or the largest magnitude. No square overflows.
  /// Where the norm is zero, the derivative is taken as zero.
  ///
  ///     let x = Tensor([3e30, 4e30] as [Float])
  ///     print(x.norm())                  // 5e30
  ///     print(x.norm(order: .infinity))  // 4e30
  public func norm(order: NormOrder = .two, axes: Int..., keepingAxes: Bool = false) -> Tensor {
    norm(order: order, axes: axes, keepingAxes: keepingAxes)
  }

  /// The norm along the axes of a list.
  public func norm(order: NormOrder = .two, axes: [Int], keepingAxes: Bool = false) -> Tensor {
    let along = ReducedAxes(axes: axes, keepsAxes: keepingAxes)
    switch order {
    case .one: return SumAlong(along: along)(magnitude())
    case .two: return NormAlong(along: along)(self)
    case .infinity: return ExtremumAlong(along: along, isMaximum: true)(magnitude())
    }
  }

  /// ln Σ eˣ along axes, without overflow.
  ///
  ///     let x = Tensor.full([2, 4], 1000)
  ///     print(x.logSumExp(axes: 1))  // 1001.3863, 1001.3863
  public func logSumExp(axes: Int..., keepingAxes: Bool = false) -> Tensor { logSumExp(axes: axes, keepingAxes: keepingAxes) }

  /// ln Σ eˣ along the axes of a list.
  public func logSumExp(axes: [Int], keepingAxes: Bool = false) -> Tensor {
    LogSumExpAlong(along: ReducedAxes(axes: axes, keepsAxes: keepingAxes))(self)
  }

  /// Running sums along an axis, or from its end if `reversed`.
  ///
  ///     let x = Tensor([1, 2, 3] as [Float])
  ///     print(x.cumulativeSum())                // 1, 3, 6
  ///     print(x.cumulativeSum(reversed: true))  // 6, 5, 3
  public func cumulativeSum(axis: Int = -1, reversed: Bool = false) -> Tensor {
    CumulativeSum(axis: axis, reversed: reversed)(self)
  }

  /// The position of the largest element along an axis, the first of several.
  ///
  ///     let x = Tensor([1, 3, 3, 2] as [Float])
  ///     print(x.argmax(axis: 0).values)  // [1]
  public func argmax(axis: Int = -1) -> Indices { array.argmax(axis: axis) }

  /// The position of the smallest element along an axis, the first of several.
  ///
  ///     let x = Tensor([3, 1, 1, 2] as [Float])
  ///     print(x.argmin(axis: 0).values)  // [1]
  public func argmin(axis: Int = -1) -> Indices { array.argmin(axis: axis) }
}

/// y = softmax x: the pullback of g is y (g − Σ g y), and so is the pushforward.
struct Softmax: OneInput {
  let axis: Int
  func value(_ x: NDArray) -> NDArray { x.softmax(axis: axis) }
  func keeps(recorded: (Int) -> Bool) -> Keeps { .output }

  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    let y = context.output()
    return [g[0].map { y * ($0 - ($0 * y).sum(axes: axis, keepingAxes: true)) }]
  }

  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> { pullback(t, context) }
}

/// y = ln softmax x: the pullback of g is g − eʸ Σ g, the pushforward of t is t − Σ eʸ t.
struct LogSoftmax: OneInput {
  let axis: Int
  func value(_ x: NDArray) -> NDArray { x.logSoftmax(axis: axis) }
  func keeps(recorded: (Int) -> Bool) -> Keeps { .output }

  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    [g[0].map { $0 - context.output().exp() * $0.sum(axes: axis, keepingAxes: true) }]
  }

  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    [t[0].map { $0 - (context.output().exp() * $0).sum(axes: axis, keepingAxes: true) }]
  }
}

extension Tensor {
  /// Probabilities from scores along an axis; they add up to one.
  ///
  ///     let p = Tensor([0, 1, 2]).softmax()
  public func softmax(axis: Int = -1) -> Tensor { Softmax(axis: axis)(self) }

  /// The logarithm of `softmax` along an axis, accurate where probabilities vanish.
  ///
  ///     let scores = Tensor([0, 1000] as [Float])
  ///     print(scores.logSoftmax())  // -1000, 0
  public func logSoftmax(axis: Int = -1) -> Tensor { LogSoftmax(axis: axis)(self) }
}

/// y = Σ x² / n over all n elements: x̄ = 2/n ȳ x. One pass over x in each direction; separate operations would take several.
struct MeanOfSquares: OneInput {
  var name: String { "meanOfSquares" }
  func value(_ x: NDArray) -> NDArray { x.meanOfSquares() }
  func keeps(recorded: (Int) -> Bool) -> Keeps { .allInputs }

  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    [g[0].map { context.input() * ($0 * factor(context)) }]
  }

  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    [t[0].map { (context.input() * $0).sum() * factor(context) }]
  }

  private func factor(_ context: Context) -> Double { 2 / Double(max(1, context.shape().elementCount)) }
}

extension Tensor {
  /// The mean of the squares of all elements, Σ x² / n; NaN where there are none.
  ///
  ///     let y = Tensor([1, 2, 3]).meanOfSquares()  // 4.6667
  public func meanOfSquares() -> Tensor { MeanOfSquares()(self) }
}
