internal import UnrollArrays
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
