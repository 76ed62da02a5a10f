public import UnrollArrays
public import UnrollAutograd

/// The mean of (x − y)² over all elements.
///
/// Two tensors of one shape give one number, or the squares in that shape without reduction.
///
///     let loss = meanSquaredError([1, 2, 3], [1, 2, 5])  // 1.3333
public func meanSquaredError(_ x: Tensor, _ y: Tensor, reduction: LossReduction = .mean) -> Tensor {
  requirePair("meanSquaredError", x, y, reduction)
  if case .mean = reduction { return (x - y).meanOfSquares() }
  return reduction((x - y).square(), total: Tensor(Double(x.count), x.type))
}

/// The mean of |x − y| over all elements. The derivative at x = y is 0.
///
/// Two tensors of one shape give one number, or the absolute differences in that shape without reduction.
///
///     let loss = meanAbsoluteError([1, 2, 3], [1, 2, 5])  // 0.66667
public func meanAbsoluteError(_ x: Tensor, _ y: Tensor, reduction: LossReduction = .mean) -> Tensor {
  requirePair("meanAbsoluteError", x, y, reduction)
  return reduction((x - y).magnitude(), total: Tensor(Double(x.count), x.type))
}

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

/// The cosine of the angle between vectors along an axis: x · y / (‖x‖ ‖y‖), from −1 to 1.
///
/// Two tensors `[..., features]` of one shape give `[...]`. Norms below `epsilon` are replaced by `epsilon`, so that a zero
/// vector has similarity 0 with everything.
///
///     let similarity = cosineSimilarity([[1, 0], [1, 1]], [[0, 2], [3, 3]])  // 0, 1
public func cosineSimilarity(_ x: Tensor, _ y: Tensor, axis: Int = -1, epsilon: Double = 1e-8) -> Tensor {
  require(x.shape == y.shape, "cosineSimilarity: shapes \(x.shape) and \(y.shape) differ")
  let norms = [x, y].map { $0.norm(axes: axis).maximum(epsilon) }
  return (x * y).sum(axes: axis) / (norms[0] * norms[1])
}

/// The cosine embedding loss: 1 − cos for a pair that belongs together, and max(0, cos − margin) for one that does not.
///
/// Vectors `[..., features]` and a mask `[...]`, true where a pair belongs together, give one number, or losses `[...]` without
/// reduction.
///
///     let loss = cosineEmbeddingLoss([[1, 0], [1, 1]], [[0, 2], [3, 3]], together: [true, false])  // 1
public func cosineEmbeddingLoss(
  _ x: Tensor, _ y: Tensor, together: Mask, margin: Double = 0, reduction: LossReduction = .mean
) -> Tensor {
  requirePair("cosineEmbeddingLoss", x, y, reduction)
  require(
    together.shape == Shape(x.shape.dropLast()) && x.rank > 0,
    "cosineEmbeddingLoss: a mask of shape \(together.shape) does not fit vectors of shape \(x.shape)")
  let similarity = cosineSimilarity(x, y)
  return reduction(
    Tensor.select(together, 1 - similarity, (similarity - margin).relu()), total: Tensor(Double(together.count), x.type))
}
