internal import UnrollArrays
internal import UnrollAutograd

extension Scores {
  /// Requires a smoothing from 0 to 1.
  func requireSmoothing(_ smoothing: Double) {
    require(smoothing >= 0 && smoothing <= 1, "\(operation): a smoothing of \(smoothing) is not in 0...1")
  }

  /// Requires weights `[classes]` for scores `[..., classes]`.
  func requireWeights(_ weights: Tensor) {
    let classes = shape[shape.count - 1]
    require(weights.shape == [classes], "\(operation): class weights of shape \(weights.shape) do not fit \(classes) classes")
  }
}

extension LabelTargets {
  /// The losses times the weights of their labels, and the divisor of a mean: the sum of the weights of the labels that count.
  func weighted(_ losses: Tensor, by weights: Tensor?, mean: Bool, _ scores: Scores) -> (losses: Tensor, total: Tensor) {
    guard let weights else { return (losses, Tensor(Double(count), losses.type)) }
    let ofLabels = zeroed(weights.gathered(rows: column.reshaped(shape)))
    let total = ofLabels.sum()
    require(
      !mean || total.item > 0,
      "\(scores.operation): the weights of the labels that count sum to \(total.item), so there is no mean")
    return (losses * ofLabels, total)
  }

  /// The losses with zeros where a label does not count.
  func zeroed(_ losses: Tensor) -> Tensor {
    counted.map { Tensor.select($0, losses, Tensor(0, losses.type)) } ?? losses
  }
}
