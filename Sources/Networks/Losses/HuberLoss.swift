internal import UnrollArrays
public import UnrollAutograd

/// The Huber loss, quadratic near zero and linear for outliers: with d = x − y, d² / 2 up to |d| = δ, and δ (|d| − δ / 2)
/// beyond.
///
/// Two tensors of one shape give one number, or losses of that shape without reduction.
///
///     let loss = huberLoss([1, 2, 3], [1, 2, 5])  // 0.5
public func huberLoss(_ x: Tensor, _ y: Tensor, delta: Double = 1, reduction: LossReduction = .mean) -> Tensor {
  require(delta > 0, "huberLoss: a delta of \(delta) is not positive")
  requirePair("huberLoss", x, y, reduction)
  return reduction(huber(x - y, delta), total: Tensor(Double(x.count), x.type))
}

/// The smooth absolute error (smooth L1): with d = x − y, d² / (2 β) up to |d| = β, and |d| − β / 2 beyond.
///
/// Two tensors of one shape give one number, or losses of that shape without reduction. It is the Huber loss divided by β.
///
///     let loss = smoothAbsoluteError([1, 2, 3], [1, 2, 5], beta: 0.5)  // 0.58333
public func smoothAbsoluteError(_ x: Tensor, _ y: Tensor, beta: Double = 1, reduction: LossReduction = .mean) -> Tensor {
  require(beta > 0, "smoothAbsoluteError: a beta of \(beta) is not positive")
  requirePair("smoothAbsoluteError", x, y, reduction)
  return reduction(huber(x - y, beta) / beta, total: Tensor(Double(x.count), x.type))
}

/// c (d − c / 2), where c is d clipped to ±δ.
private func huber(_ d: Tensor, _ delta: Double) -> Tensor {
  let c = d.clipped(minimum: -delta, maximum: delta)
  return c * (d - c * 0.5)
}
