internal import UnrollArrays
public import UnrollAutograd

/// Binary cross-entropy of targets y for logits x: −w (p y ln σ(x) + (1 − y) ln σ(−x)), accurate for logits of any size.
///
/// Logits and targets of one shape give one number, or losses of that shape without reduction. Targets are 0, 1, or
/// probabilities between them. The weight p of positive targets, above 1 if they are rare, and the weights w of elements
/// broadcast to that shape. The mean divides by the number of elements, whatever the weights.
///
///     let loss = binaryCrossEntropy([2, -1, 0], [1, 0, 1], positiveWeight: [3])  // 0.92450
public func binaryCrossEntropy(
  _ logits: Tensor, _ targets: Tensor, positiveWeight: Tensor? = nil, weights: Tensor? = nil,
  reduction: LossReduction = .mean
) -> Tensor {
  let name = "binaryCrossEntropy"
  requirePair(name, logits, targets, reduction)
  for (what, tensor) in [("a weight of yes", positiveWeight), ("weights", weights)] {
    guard let tensor else { continue }
    require(
      tensor.shape.broadcast(with: logits.shape) == logits.shape,
      "\(name): \(what) of shape \(tensor.shape) does not broadcast to shape \(logits.shape)")
  }
  // Both terms have the same sign, so that adding them does not cancel.
  let yes = targets * logits.logSigmoid()
  let losses = -((positiveWeight.map { yes * $0 } ?? yes) + (1 - targets) * (-logits).logSigmoid())
  return reduction(weights.map { losses * $0 } ?? losses, total: Tensor(Double(logits.count), logits.type))
}

/// Requires equal shapes, and at least one element for a mean.
func requirePair(_ operation: String, _ x: Tensor, _ y: Tensor, _ reduction: LossReduction) {
  require(x.shape == y.shape, "\(operation): shapes \(x.shape) and \(y.shape) differ")
  require(reduction != .mean || x.count > 0, "\(operation): shape \(x.shape) has no elements, so there is no mean")
}

/// How the terms of a divergence are reduced.
public enum DivergenceReduction: Sendable {
  /// Their sum divided by the first extent: for `[batch, classes]`, the mean divergence of a distribution.
  case batchMean
  /// Their mean over all elements. This is the divergence divided by the number of classes, not a divergence.
  case mean
  /// Their sum.
  case sum
  /// No reduction: one term for each element.
  case none
}

/// The Kullback–Leibler divergence of distributions q from targets t: the sum of t (ln t − ln q), zero where they are equal.
///
/// Log-probabilities ln q and targets, both `[batch, ..., classes]`, give one number, or terms of that shape without reduction.
/// The targets are probabilities, or log-probabilities with `targetsAreLogarithms`. A target of probability 0 (a logarithm of
/// −∞) contributes nothing, whatever q is there, and all derivatives there are 0. Where q is 0 and the target is not, the
/// divergence is infinite.
///
///     let logits: Tensor = [[2, 0, -1], [0, 1, 0]]
///     let divergence = klDivergence(logits.logSoftmax(), [[0.5, 0.5, 0], [0.2, 0.6, 0.2]])  // 0.23894
public func klDivergence(
  _ logarithms: Tensor, _ targets: Tensor, targetsAreLogarithms: Bool = false, reduction: DivergenceReduction = .batchMean
) -> Tensor {
  require(
    logarithms.shape == targets.shape, "klDivergence: shapes \(logarithms.shape) and \(targets.shape) differ")
  let hasMean = reduction == .sum || reduction == .none || (logarithms.rank > 0 && logarithms.count > 0)
  require(hasMean, "klDivergence: shape \(logarithms.shape) has no batch with elements, so there is no mean")
  let terms = divergenceTerms(logarithms, targets, targetsAreLogarithms)
  return switch reduction {
  case .batchMean: terms.sum() / Double(logarithms.shape[0])
  case .mean: terms.mean()
  case .sum: terms.sum()
  case .none: terms
  }
}

/// t (ln t − ln q) where t is not 0. Elsewhere finite numbers replace t and ln q, because 0 · ∞ would be NaN, in derivatives
/// too.
private func divergenceTerms(_ logarithms: Tensor, _ targets: Tensor, _ targetsAreLogarithms: Bool) -> Tensor {
  let zero = Tensor(0, targets.type)
  let isImpossible = targets.array .== NDArray(targetsAreLogarithms ? -.infinity : 0, targets.type)
  let logarithms = Tensor.select(isImpossible, zero, logarithms)
  let known = Tensor.select(isImpossible, Tensor(targetsAreLogarithms ? 0 : 1, targets.type), targets)
  let terms = targetsAreLogarithms ? known.exp() * (known - logarithms) : known * (known.log() - logarithms)
  return Tensor.select(isImpossible, zero, terms)
}
