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
