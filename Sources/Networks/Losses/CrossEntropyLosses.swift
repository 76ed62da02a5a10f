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
