internal import UnrollArrays
internal import UnrollAutograd

extension Scores {
  /// What smoothing takes from a target and gives to all classes is a part of it.
  func requireSmoothing(_ smoothing: Double) {
    require(smoothing >= 0 && smoothing <= 1, "\(operation): a smoothing of \(smoothing) is not from 0 to 1")
  }

  /// Weights `[classes]` fit scores `[..., classes]`.
  func requireWeights(_ weights: Tensor) {
    let classes = shape[shape.count - 1]
    require(weights.shape == [classes], "\(operation): class weights of shape \(weights.shape) do not fit \(classes) classes")
  }
}

extension LabelTargets {
  /// Each loss times the weight of its label, and what their sum is divided by for a mean: the weights of the labels that count.
  func weighted(_ losses: Tensor, by weights: Tensor?, mean: Bool, _ scores: Scores) -> (losses: Tensor, total: Tensor) {
    guard let weights else { return (losses, Tensor(Double(count), losses.type)) }
    let ofLabels = zeroed(weights.gathered(rows: column.reshaped(shape)))
    let total = ofLabels.sum()
    require(
      !mean || total.item > 0,
      "\(scores.operation): the weights of the labels that count add up to \(total.item), which gives no mean")
    return (losses * ofLabels, total)
  }

  /// Zero where a label does not count.
  func zeroed(_ losses: Tensor) -> Tensor {
    counted.map { Tensor.select($0, losses, Tensor(0, losses.type)) } ?? losses
  }
}
