internal import UnrollArrays
internal import UnrollAutograd

/// How the losses of single targets become one.
public enum LossReduction: Sendable {
  /// Their mean, over the targets that count.
  case mean
  /// Their sum.
  case sum
  /// As they are, one for each target.
  case none

  /// The losses reduced, the mean being their sum divided by `total`.
  func callAsFunction(_ losses: Tensor, total: Tensor) -> Tensor {
    switch self {
    case .mean: losses.sum() / total
    case .sum: losses.sum()
    case .none: losses
    }
  }
}
