internal import UnrollArrays

/// The product of matrices, or of batches of them.
struct MatrixProduct: Bilinear {
  var name: String { "matmul" }
  func value(_ x: NDArray, _ y: NDArray) -> NDArray { x.matmul(y) }
  func transposedFirst(_ g: Tensor, _ y: Tensor) -> Tensor { MatrixProduct()(g, y.transposed(-2, -1)) }
  func transposedSecond(_ g: Tensor, _ x: Tensor) -> Tensor { MatrixProduct()(x.transposed(-2, -1), g) }

  func accumulation(_ g: Few<Tensor?>, _ context: Context) -> Accumulation? { .ofWeights(g[0], context) }
}

extension Accumulation {
  /// sum += xᵀ·g for x, the first input, and the weights, the second.
  fileprivate static func ofWeights(_ g: Tensor?, _ context: Context) -> Accumulation? {
    guard let g, !g.isRecorded, context.wants(1), g.rank == 2, context.shape(1).count == 2 else { return nil }
    let x = context.input(0)
    if x.isRecorded || x.rank != 2 { return nil }
    return Accumulation(input: 1) { NDArray.multiply(x.array.transposed(), g.array, into: &$0, accumulating: true) }
  }
}

/// x·W + b, with b added to every row: `[m, k]`, `[k, n]` and `[n]` give `[m, n]`.
struct Affine: Operation {
  func forward(_ x: [NDArray]) -> Values { Values([x[0].affine(x[1], bias: x[2])]) }

  func keeps(recorded: (Int) -> Bool) -> Keeps {
    (recorded(1) ? .inputs(0) : .nothing) + (recorded(0) ? .inputs(1) : .nothing)
  }

  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    guard let g = g[0] else { return [nil, nil, nil] }
    return [
      context.wants(0) ? g.matmul(context.input(1).transposed()) : nil,
      context.wants(1) ? context.input(0).transposed().matmul(g) : nil,
      g,
    ]
  }

  func accumulation(_ g: Few<Tensor?>, _ context: Context) -> Accumulation? { .ofWeights(g[0], context) }

  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    let products = sum(t[0].map { $0.matmul(context.input(1)) }, t[1].map { context.input(0).matmul($0) })
    return [sum(products, t[2])]
  }
}

extension Tensor {
  /// The matrix product over the last two axes; leading axes are a batch and broadcast. A vector counts as one row on the left
  /// and as one column on the right, and that axis is missing from the result.
  ///
  /// `[m, k]` and `[k, n]` give `[m, n]`; `[b, m, k]` and `[k, n]` or `[b, k, n]` give `[b, m, n]`; `[k]` and `[k]` give `[]`.
  ///
  ///     let y = Tensor.ones([2, 3]).matmul(Tensor.ones([3, 4]))
  public func matmul(_ other: Tensor) -> Tensor {
    if source == nil && other.source == nil { return Tensor(array.matmul(other.array)) }
    require(
      rank > 0 && other.rank > 0, "matmul: shapes \(shape) and \(other.shape) do not fit: a scalar is not a matrix")
    if rank == 1 { return expandingAxis(0).matmul(other).squeezingAxis(other.rank == 1 ? 0 : -2) }
    if other.rank == 1 { return matmul(other.expandingAxis(1)).squeezingAxis(-1) }
    if rank > 2 && other.rank == 2 {
      // One product for the whole batch, and one for each gradient.
      require(
        shape[rank - 1] == other.shape[0], "matmul: shapes \(shape) and \(other.shape) do not fit: their inner extents differ")
      var result = shape
      result[rank - 1] = other.shape[1]
      let rows = shape.removing(rank - 1).elementCount
      return MatrixProduct()(reshaped([rows, shape[rank - 1]]), other).reshaped(result)
    }
    return MatrixProduct()(self, other)
  }

  /// x·W + b in one pass: an affine map of the last axis.
  ///
  /// `[..., k]` with weights `[k, n]` and a bias `[n]` gives `[..., n]`.
  ///
  ///     let y = Tensor.ones([2, 3]).affine(Tensor.ones([3, 4]), bias: Tensor.zeros([4]))
  public func affine(_ weights: Tensor, bias: Tensor) -> Tensor {
    require(
      rank > 0 && weights.rank == 2 && shape[rank - 1] == weights.shape[0] && bias.shape == [weights.shape[1]],
      "affine: shapes \(shape), \(weights.shape) and bias \(bias.shape) do not fit")
    if rank == 2 { return Affine()(self, weights, bias) }
    var result = shape
    result[rank - 1] = weights.shape[1]
    let rows = shape.removing(rank - 1).elementCount
    return Affine()(reshaped([rows, shape[rank - 1]]), weights, bias).reshaped(result)
  }
}

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
