public import UnrollArrays
public import UnrollAutograd

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
