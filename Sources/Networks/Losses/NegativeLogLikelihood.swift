public import UnrollArrays
public import UnrollAutograd

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
