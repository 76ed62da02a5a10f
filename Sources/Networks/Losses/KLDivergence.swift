internal import UnrollArrays
public import UnrollAutograd

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
