internal import UnrollArrays

extension Tensor {
  /// Σ x y of two vectors.
  ///
  ///     let s = Tensor([1, 2]).dot(Tensor([3, 4]))  // 11
  public func dot(_ other: Tensor) -> Tensor {
    require(
      rank == 1 && shape == other.shape, "dot: shapes \(shape) and \(other.shape) are not two vectors of the same length")
    return matmul(other)
  }

  /// All products of two vectors: `[m]` and `[n]` give `[m, n]`.
  ///
  ///     let m = Tensor([1, 2]).outer(Tensor([3, 4]))  // 3, 4 and 6, 8
  public func outer(_ other: Tensor) -> Tensor {
    require(rank == 1 && other.rank == 1, "outer: shapes \(shape) and \(other.shape) are not two vectors")
    return expandingAxis(1) * other.expandingAxis(0)
  }

  /// Repeats each position of an axis `count` times in a row: `[a, b]` twice along axis 1 gives `[a, 2b]`.
  ///
  ///     let x = Tensor([1, 2]).repeated(2, axis: 0)  // 1, 1, 2, 2
  public func repeated(_ count: Int, axis: Int) -> Tensor {
    require(count >= 0, "repeated: count \(count) is negative")
    let position = position(ofAxis: axis, "repeated")
    let merged = shape.multiplied(by: shape.indices.map { $0 == position ? count : 1 }, "repeated")
    return expandingAxis(position + 1).broadcast(to: shape.inserting(count, at: position + 1)).reshaped(merged)
  }
}
