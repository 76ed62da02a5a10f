internal import UnrollArrays
public import UnrollAutograd

/// How far two tensors are apart: the mean of (x − y)² over all elements.
///
/// Two tensors of one shape give one number, or the squares in that shape without reduction.
///
///     let loss = meanSquaredError([1, 2, 3], [1, 2, 5])  // 1.3333
public func meanSquaredError(_ x: Tensor, _ y: Tensor, reduction: LossReduction = .mean) -> Tensor {
  require(x.shape == y.shape, "meanSquaredError: shapes \(x.shape) and \(y.shape) differ")
  require(reduction != .mean || x.count > 0, "meanSquaredError: shape \(x.shape) has no elements, so there is no mean")
  return reduction((x - y).square(), total: Tensor(Double(x.count), x.type))
}
