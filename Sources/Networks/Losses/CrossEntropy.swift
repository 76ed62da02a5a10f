public import UnrollArrays
public import UnrollAutograd

/// Cross-entropy of labels: −ln of the softmax of the logits at each label.
///
/// Logits `[..., classes]` and labels `[...]` give one number, or losses `[...]` without reduction. With weights w and
/// smoothing ε the loss of a label y is −(1 − ε) w[y] ln p[y] − ε / classes · Σₖ w[k] ln p[k]. Labels equal to `ignored`, and
/// those where the mask is false, do not count: their losses are zero, and neither they nor their logits have any effect. The
/// mean divides by the sum of w[y] over the labels that count, which is their number if there are no weights; if no label
/// counts, it stops.
///
///     let logits: Tensor = [[2, 0, -1], [0, 1, 0]]
///     let loss = crossEntropy(logits, [0, 2])  // 0.86065
public func crossEntropy(
  _ logits: Tensor, _ labels: Indices, ignoring ignored: Int? = nil, mask: Mask? = nil, classWeights: Tensor? = nil,
  smoothing: Double = 0, reduction: LossReduction = .mean
) -> Tensor {
  let scores = Scores(operation: "crossEntropy", what: "logits", shape: logits.shape)
  let targets = LabelTargets(labels, of: scores, ignoring: ignored, mask: mask)
  let classes = logits.shape[logits.rank - 1]
  scores.requireSmoothing(smoothing)
  if let classWeights { scores.requireWeights(classWeights) }
  if reduction == .mean { scores.requireCounting(targets.count, of: labels.count) }
  let results = CrossEntropy(targets: targets).results([logits])
  var (losses, total) = targets.weighted(results[1], by: classWeights, mean: reduction == .mean, scores)
  if smoothing > 0 {
    let uniform = classWeights.map { results[0] * $0 } ?? results[0]
    losses = losses * (1 - smoothing) - targets.zeroed(uniform.sum(axes: -1)) * (smoothing / Double(classes))
  }
  return reduction(losses, total: total)
}

/// Cross-entropy of targets given as probabilities: −Σₖ t[k] ln p[k], where p is the softmax of the logits.
///
/// Logits and probabilities `[..., classes]` give one number, or losses `[...]` without reduction. With weights w and smoothing
/// ε the loss is −Σₖ w[k] ((1 − ε) t[k] + ε / classes) ln p[k]. Nothing has any effect where the mask `[...]` is false. The
/// mean divides by the number of targets that count, whatever the weights, as in PyTorch; if none counts, it stops.
///
///     let logits: Tensor = [[2, 0, -1], [0, 1, 0]]
///     let loss = crossEntropy(logits, probabilities: [[1, 0, 0], [0.5, 0, 0.5]])  // 0.86065
///     let weighted = crossEntropy(
///       logits, probabilities: [[1, 0, 0], [0.5, 0, 0.5]], classWeights: [1, 2, 0.5], smoothing: 0.1)  // 0.75879
public func crossEntropy(
  _ logits: Tensor, probabilities: Tensor, mask: Mask? = nil, classWeights: Tensor? = nil, smoothing: Double = 0,
  reduction: LossReduction = .mean
) -> Tensor {
  require(
    logits.shape == probabilities.shape,
    "crossEntropy: probabilities of shape \(probabilities.shape) do not fit logits of shape \(logits.shape)")
  let shape = Shape(logits.shape.dropLast())
  let given = Scores(operation: "crossEntropy", what: "logits", shape: logits.shape)
  let classes = given.requireClasses("targets", shape, mask: mask)
  given.requireSmoothing(smoothing)
  if let classWeights { given.requireWeights(classWeights) }
  let count = mask?.trueCount ?? shape.elementCount
  if reduction == .mean { given.requireCounting(count, of: shape.elementCount) }
  let zero = Tensor(0, logits.type)
  let scores = mask.map { Tensor.select($0.rows, logits, zero) } ?? logits
  var shares = smoothing > 0 ? probabilities * (1 - smoothing) + smoothing / Double(classes) : probabilities
  if let classWeights { shares = shares * classWeights }
  let losses = -(shares * scores.logSoftmax()).sum(axes: -1)
  return reduction(mask.map { Tensor.select($0, losses, zero) } ?? losses, total: Tensor(Double(count), logits.type))
}

/// The negative log-likelihood of labels, given log-probabilities: −w[y] ln p[y] for the label y.
///
/// Log-probabilities `[..., classes]` and labels `[...]` give one number, or losses `[...]` without reduction. Labels equal to
/// `ignored`, and those where the mask is false, do not count. The mean divides by the sum of w[y] over the labels that count,
/// which is their number if there are no weights. From logits, `crossEntropy` computes the same in one step.
///
///     let logits: Tensor = [[2, 0, -1], [0, 1, 0]]
///     let loss = negativeLogLikelihood(logits.logSoftmax(), [0, 2])  // 0.86065
public func negativeLogLikelihood(
  _ logarithms: Tensor, _ labels: Indices, ignoring ignored: Int? = nil, mask: Mask? = nil, classWeights: Tensor? = nil,
  reduction: LossReduction = .mean
) -> Tensor {
  let scores = Scores(operation: "negativeLogLikelihood", what: "logarithms", shape: logarithms.shape)
  let targets = LabelTargets(labels, of: scores, ignoring: ignored, mask: mask)
  if let classWeights { scores.requireWeights(classWeights) }
  if reduction == .mean { scores.requireCounting(targets.count, of: labels.count) }
  let chosen = logarithms.gathered(elements: targets.column, axis: labels.rank).reshaped(labels.shape)
  let (losses, total) = targets.weighted(-targets.zeroed(chosen), by: classWeights, mean: reduction == .mean, scores)
  return reduction(losses, total: total)
}

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

/// The perplexity for a mean cross-entropy, e to the loss: the number of equally likely classes with the same uncertainty.
///
///     let choices = perplexity(0.6931471805599453)  // 2
public func perplexity(_ loss: Double) -> Double { NDArray(loss, .float64).exp().item }

/// The bits per character for a mean cross-entropy: loss / ln 2.
///
///     let bits = bitsPerCharacter(1.3862943611198906)  // 2
public func bitsPerCharacter(_ loss: Double) -> Double { loss / 0.693_147_180_559_945_3 }
