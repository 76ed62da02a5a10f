internal import UnrollArrays
internal import UnrollAutograd

/// The last axis moved to mean 0 and scaled to variance 1: y = (x − mean x) r with r = 1/√(variance x + ε), the biased variance.
///
/// r is a result too: the derivatives read nothing but y and r, and can be differentiated again by both.
struct Normalization: Operation {
  let epsilon: Double

  func forward(_ x: [NDArray]) -> Values {
    let deviations = x[0] - x[0].mean(axes: -1, keepingAxes: true)
    let r = (deviations.square().mean(axes: -1, keepingAxes: true) + epsilon).reciprocalSquareRoot()
    return Values([deviations * r, r])
  }

  func keeps(recorded: (Int) -> Bool) -> Keeps { .allOutputs }

  /// x̄ = r (ȳ − mean ȳ − y mean(ȳ y)) − r̄ r² y / n.
  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    let (y, r) = (context.output(0), context.output(1))
    let n = Double(y.shape[y.rank - 1])
    return Few(sum(g[0].map { normal($0, y, r) }, g[1].map { $0 * r.square() * y / -n }))
  }

  /// dy = r (dx − mean dx − y mean(dx y)), dr = −r² mean(dx y).
  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    let (y, r) = (context.output(0), context.output(1))
    return Few(t[0].map { normal($0, y, r) }, t[0].map { -r.square() * ($0 * y).mean(axes: -1, keepingAxes: true) })
  }

  /// The derivative of y by x is symmetric: the same for cotangents and tangents.
  private func normal(_ g: Tensor, _ y: Tensor, _ r: Tensor) -> Tensor {
    r * (g - g.mean(axes: -1, keepingAxes: true) - y * (g * y).mean(axes: -1, keepingAxes: true))
  }
}
