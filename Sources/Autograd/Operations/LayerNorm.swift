internal import UnrollArrays

/// y = LN(x) s + b along the last axis, with LN(x) = (x − mean x) r and r = 1/√(variance x + ε), the variance being biased. The
/// inputs are x, then s and b if given.
///
/// x̄ = r (g − mean g − LN(x) mean(g LN(x))) with g = ȳ s; s̄ = ȳ LN(x); b̄ = ȳ. Kernels compute these, or tensor arithmetic
/// where they may be differentiated again.
struct LayerNormalization: Operation {
  let hasScale: Bool
  let hasShift: Bool
  let epsilon: Double

  var name: String { "layerNorm" }

  func forward(_ inputs: [NDArray]) -> Values {
    let result = inputs[0].layerNorm(
      scale: hasScale ? inputs[1] : nil, shift: shiftPosition.map { inputs[$0] }, epsilon: epsilon)
    return Values([result.values], residuals: [result.moments])
  }

  func keeps(recorded: (Int) -> Bool) -> Keeps { hasScale ? .inputs(0, 1) : .inputs(0) }

  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    guard let g = g[0] else { return Few((0..<context.inputCount).map { _ in nil }) }
    let (x, scale) = (context.input(0), scale(context))
    if g.isRecorded || x.isRecorded || scale?.isRecorded ?? false { return composedPullback(g, x, scale, context) }
    let wanted = LayerNormCotangents.Wanted(
      input: context.wants(0), scale: hasScale && context.wants(1), shift: shiftPosition.map(context.wants) ?? false)
    let found = x.array.layerNormBackward(g.array, scale: scale?.array, moments: context.residual(0), wanting: wanted)
    return cotangents(found.input.map { Tensor($0) }, found.scale.map { Tensor($0) }, found.shift.map { Tensor($0) })
  }

  /// dy = r (dx − mean dx − LN(x) mean(dx LN(x))) s + LN(x) ds + db.
  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    let (normal, r) = normalized(context.input(0), epsilon)
    let moved = t[0].map { symmetric($0, normal, r) }
    let scaled = scale(context).map { scale in moved.map { $0 * scale } } ?? moved
    return [sum(sum(scaled, hasScale ? t[1].map { normal * $0 } : nil), shiftPosition.flatMap { t[$0] })]
  }

  private var shiftPosition: Int? { hasShift ? hasScale ? 2 : 1 : nil }

  private func scale(_ context: Context) -> Tensor? { hasScale ? context.input(1) : nil }

  private func composedPullback(_ g: Tensor, _ x: Tensor, _ scale: Tensor?, _ context: Context) -> Few<Tensor?> {
    let byNormal = scale.map { g * $0 } ?? g
    let byInput = context.wants(0) ? NormalizationCotangent(epsilon: epsilon).results([x, byNormal])[0] : nil
    return cotangents(byInput, hasScale && context.wants(1) ? g * x.layerNorm(epsilon: epsilon) : nil, g)
  }

  private func cotangents(_ byInput: Tensor?, _ byScale: Tensor?, _ byShift: Tensor?) -> Few<Tensor?> {
    Few([byInput] + (hasScale ? [byScale] : []) + (hasShift ? [byShift] : []))
  }
}

/// LN(x) and r.
private func normalized(_ x: Tensor, _ epsilon: Double) -> (normal: Tensor, r: Tensor) {
  let deviations = x - x.mean(axes: -1, keepingAxes: true)
  let r = (deviations.square().mean(axes: -1, keepingAxes: true) + epsilon).reciprocalSquareRoot()
  return (deviations * r, r)
}

/// The derivative of LN(x) is a symmetric map: the same for cotangents and tangents.
private func symmetric(_ g: Tensor, _ normal: Tensor, _ r: Tensor) -> Tensor {
  r * (g - g.mean(axes: -1, keepingAxes: true) - normal * (g * normal).mean(axes: -1, keepingAxes: true))
}

/// r (g − mean g − LN(x) mean(g LN(x))): the cotangent of x, given the cotangent g of LN(x). The inputs are x and g.
///
/// A separate operation, so that a program on rows can run it as one kernel. Its own derivatives are those of the formula.
struct NormalizationCotangent: Fused {
  let epsilon: Double

  var name: String { "layerNorm's cotangent" }

  func forward(_ inputs: [NDArray]) -> Values {
    let moments = inputs[0].layerNorm(scale: nil, shift: nil, epsilon: epsilon).moments
    let wanted = LayerNormCotangents.Wanted(scale: false, shift: false)
    let found = inputs[0].layerNormBackward(inputs[1], scale: nil, moments: moments, wanting: wanted)
    return Values([found.input ?? inputs[1]])
  }

  func reference(_ inputs: [Tensor], _: Context) -> [Tensor] {
    let (normal, r) = normalized(inputs[0], epsilon)
    return [symmetric(inputs[1], normal, r)]
  }
}

extension Tensor {
  /// The last axis normalised to mean 0 and variance 1, then scaled and shifted if a scale and a shift are given.
  ///
  /// `[..., n]` with a scale and a shift of `[n]` gives the same shape: y = (x − mean x) / √(variance x + ε) · scale + shift,
  /// with the biased variance. A constant row gives the shift, or NaN where ε is 0, since its variance is 0.
  ///
  ///     let x: Tensor = [[1, 2, 3], [10, 20, 30]]
  ///     let y = x.layerNorm(epsilon: 0)  // -1.2247, 0, 1.2247 in both rows
  public func layerNorm(scale: Tensor? = nil, shift: Tensor? = nil, epsilon: Double = 1e-5) -> Tensor {
    let operation = LayerNormalization(hasScale: scale != nil, hasShift: shift != nil, epsilon: epsilon)
    return operation.results([self] + [scale, shift].compactMap { $0 })[0]
  }
}
