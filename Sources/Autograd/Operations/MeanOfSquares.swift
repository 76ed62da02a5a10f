internal import UnrollArrays

/// y = Σ x² / n over all n elements: x̄ = 2/n ȳ x. One pass over x in each direction; separate operations would take several.
struct MeanOfSquares: Operation {
  var name: String { "meanOfSquares" }
  func forward(_ x: [NDArray]) -> Values { Values([x[0].meanOfSquares()]) }
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
