internal import UnrollArrays
internal import UnrollAutograd

/// How the losses of single targets are reduced.
public enum LossReduction: Sendable {
  /// Their mean over the targets that count.
  case mean
  /// Their sum.
  case sum
  /// No reduction: one loss for each target.
  case none

  /// The reduced losses; the mean is their sum divided by `total`.
  func callAsFunction(_ losses: Tensor, total: Tensor) -> Tensor {
    switch self {
    case .mean: losses.sum() / total
    case .sum: losses.sum()
    case .none: losses
    }
  }
}
