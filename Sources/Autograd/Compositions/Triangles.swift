internal import UnrollArrays

extension Tensor {
  /// The elements of the last two axes on and below a diagonal, zero above it. Diagonal 0 is the main one; positive ones lie
  /// above it.
  public func lowerTriangle(diagonal: Int = 0) -> Tensor {
    Tensor.select(triangle("lowerTriangle") { $1 - $0 <= diagonal }, self, Tensor(0, type))
  }

  /// The elements of the last two axes on and above a diagonal, zero below it.
  public func upperTriangle(diagonal: Int = 0) -> Tensor {
    Tensor.select(triangle("upperTriangle") { $1 - $0 >= diagonal }, self, Tensor(0, type))
  }

  /// The diagonal of the last two axes: `[..., n, m]` gives `[..., min(n, m)]`.
  public func diagonal() -> Tensor {
    require(rank >= 2, "diagonal: shape \(shape) has fewer than two axes")
    let n = Swift.min(shape[rank - 2], shape[rank - 1])
    let square = self[.rest, 0..<n, 0..<n]
    return Tensor.select(square.triangle("diagonal") { $0 == $1 }, square, Tensor(0, type)).sum(axes: -1)
  }

  /// The matrix with these numbers on its diagonal: `[..., n]` gives `[..., n, n]`.
  public func diagonalMatrix() -> Tensor {
    require(rank > 0, "diagonalMatrix: a scalar has no axis")
    let column = expandingAxis(-1)
    let square = column.broadcast(to: shape.inserting(shape[rank - 1], at: rank))
    return Tensor.select(square.triangle("diagonalMatrix") { $0 == $1 }, square, Tensor(0, type))
  }

  /// The sum of the diagonal of the last two axes.
  public func trace() -> Tensor { diagonal().sum(axes: -1) }

  /// A mask of the last two axes where a condition on row and column holds.
  private func triangle(_ operation: String, _ holds: (Int, Int) -> Bool) -> Mask {
    require(rank >= 2, "\(operation): shape \(shape) has fewer than two axes")
    let (rows, columns) = (shape[rank - 2], shape[rank - 1])
    var values: [Bool] = []
    values.reserveCapacity(rows * columns)
    for i in 0..<rows { for j in 0..<columns { values.append(holds(i, j)) } }
    return Mask(values, shape: [rows, columns])
  }
}
