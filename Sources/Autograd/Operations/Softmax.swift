internal import UnrollArrays

/// y = softmax x: the pullback of g is y (g − Σ g y), and so is the pushforward.
struct Softmax: Operation {
  let axis: Int
  func forward(_ x: [NDArray]) -> Values { Values([x[0].softmax(axis: axis)]) }
  func keeps(recorded: (Int) -> Bool) -> Keeps { .output }

  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    let y = context.output()
    return [g[0].map { y * ($0 - ($0 * y).sum(axes: axis, keepingAxes: true)) }]
  }

  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> { pullback(t, context) }
}

/// y = ln softmax x: the pullback of g is g − eʸ Σ g, the pushforward of t is t − Σ eʸ t.
struct LogSoftmax: Operation {
  let axis: Int
  func forward(_ x: [NDArray]) -> Values { Values([x[0].logSoftmax(axis: axis)]) }
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
