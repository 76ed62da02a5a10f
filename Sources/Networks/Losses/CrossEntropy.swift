internal import UnrollArrays
internal import UnrollAutograd

/// The losses −ln p[label], where p is the softmax of the logits along the last axis.
///
/// Logits `[..., classes]` give two results: ln p, of the same shape, and the losses `[...]`. The logarithms are an output, not
/// just a residual, so that higher derivatives pass through them. Where a label does not count, the logits are read as zeros
/// and the loss is zero, so that nothing there has any effect, not even NaN.
///
/// The pullback of g is g (p − e[label]), the pushforward of t is Σ p t − t[label].
struct CrossEntropy: Operation {
  let targets: LabelTargets

  func forward(_ x: [NDArray]) -> Values {
    let logits = targets.counted.map { $0.rows.select(x[0], NDArray(0, x[0].type)) } ?? x[0]
    let logarithms = logits.logSoftmax()
    let losses = -logarithms.gathered(elements: targets.column, axis: lastAxis).reshaped(targets.shape)
    return Values([logarithms, targets.counted?.select(losses, NDArray(0, losses.type)) ?? losses])
  }

  func keeps(recorded: (Int) -> Bool) -> Keeps { .output }

  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    let logarithms = context.output()
    // No mask is needed: the losses read the logarithms only where a label counts, so this cotangent is zero elsewhere.
    let ofLogarithms = g[0].map { $0 - logarithms.exp() * $0.sum(axes: -1, keepingAxes: true) }
    return Few(sum(ofLogarithms, g[1].map { cotangent(counted($0.expandingAxis(-1)), logarithms) }))
  }

  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    guard let t = t[0].map(counted) else { return Few(nil, nil) }
    let ofLogarithms = t - (context.output().exp() * t).sum(axes: -1, keepingAxes: true)
    return Few(ofLogarithms, -ofLogarithms.gathered(elements: targets.column, axis: lastAxis).reshaped(targets.shape))
  }

  /// g (p − e[label]) for a cotangent of shape `[..., 1]`; in one array if it is not recorded.
  private func cotangent(_ g: Tensor, _ logarithms: Tensor) -> Tensor {
    if g.isRecorded || logarithms.isRecorded {
      return (logarithms.exp() * g).scatteredAdding(-g, elements: targets.column, axis: lastAxis)
    }
    var result = logarithms.array.exp()
    result *= g.array
    result.scatterAdd(name, -g.array, elements: targets.column, axis: lastAxis)
    return Tensor(result)
  }

  /// The rows with zeros where a label does not count.
  private func counted(_ rows: Tensor) -> Tensor {
    targets.counted.map { Tensor.select($0.rows, rows, Tensor(0, rows.type)) } ?? rows
  }

  private var lastAxis: Int { targets.shape.count }
}

extension Mask {
  /// The mask with an additional last axis of extent one.
  var rows: Mask { reshaped(shape.followed(by: [1])) }
}
