package import UnrollKernelTemplates

extension NDArray {
  /// The matrix product over the last two axes; leading axes are a batch and broadcast.
  ///
  /// `[m, k]` and `[k, n]` give `[m, n]`; `[b, m, k]` and `[k, n]` or `[b, k, n]` give `[b, m, n]`. A vector counts as one row
  /// on the left and as one column on the right, and that axis is missing from the result: `[k]` and `[k]` give a scalar.
  /// Element (i, j) is Σₖ self[i, k] · other[k, j]. Operands with any strides are read in place.
  package func matmul(_ other: NDArray) -> NDArray {
    let factors = Factors(self, other)
    let result = NDArray(uninitialized: factors.batch.followed(by: [factors.rows, factors.columns]), type)
    factors.multiply(into: result, accumulating: false, scale: 1, bias: nil, then: nil)
    return result.reshaped(factors.resultShape)
  }

  /// The matrix product with a packed factor: `[..., m, k]` and `[k, n]` give `[..., m, n]`, `[k]` gives `[n]`.
  package func matmul(_ other: PackedMatrix) -> NDArray {
    type.requireSame(as: other.type, "matmul")
    require(
      rank >= 1 && shape[rank - 1] == other.rows,
      "matmul: shapes \(shape) and [\(other.rows), \(other.columns)] do not fit: their inner extents differ")
    let left = rowsMatrix()
    let result = NDArray(uninitialized: [left.shape[0], other.columns], type)
    left.multiply(other, into: result, accumulating: false)
    return result.reshaped(shape.removing(rank - 1).followed(by: [other.columns]))
  }

  /// target ← [target +] a·b for a matrix and a packed matrix, in place where the target is uniquely referenced.
  package static func multiply(_ a: NDArray, _ b: PackedMatrix, into target: inout NDArray, accumulating: Bool = false) {
    a.type.requireSame(as: b.type, "multiply")
    a.type.requireSame(as: target.type, "multiply")
    require(
      a.rank == 2 && a.shape[1] == b.rows && target.shape == [a.shape[0], b.columns],
      "multiply: shapes \(a.shape) and [\(b.rows), \(b.columns)] do not give the target's \(target.shape)")
    if !target.view.isContiguous { target = target.contiguous() }
    target.makeWritable(keepingElements: accumulating)
    a.multiply(b, into: target, accumulating: accumulating)
  }

  private func multiply(_ b: PackedMatrix, into target: NDArray, accumulating: Bool) {
    read { x in
      target.fill { z in
        Product(
          a: Operand(x, row: view.strides[0], column: view.strides[1]), b: .packed(UnsafeRawPointer(b.storage.pointer)),
          c: Target(z, row: b.columns, accumulates: accumulating, bias: nil), rows: shape[0], columns: b.columns, depth: b.rows
        ).run(kernels.products, elementSize: type.size)
      }
    }
    withExtendedLifetime(b.storage) {}
  }

  /// target ← [target +] scale · a·b [+ bias] for matrices, in place where the target is uniquely referenced.
  ///
  /// `[m, k]` and `[k, n]` go to a target of shape `[m, n]`; a bias has shape `[n]` and is added to every row. A bias excludes
  /// accumulating.
  package static func multiply(
    _ a: NDArray, _ b: NDArray, into target: inout NDArray, accumulating: Bool = false, scale: Double = 1, bias: NDArray? = nil
  ) {
    multiply(a, b, into: &target, accumulating: accumulating, scale: scale, bias: bias, then: nil)
  }

  /// Rows times a matrix, plus a bias, in a new array: `[m, k]`, `[k, n]` and `[n]` give `[m, n]`.
  package func affine(_ weights: NDArray, bias: NDArray) -> NDArray {
    var result = NDArray(uninitialized: [shape[0], weights.shape[1]], type)
    NDArray.multiply(self, weights, into: &result, bias: bias)
    return result
  }

  /// The same, followed by a function of every element while it is still in the cache: an activation without a pass of its own.
  package static func multiply(
    _ a: NDArray, _ b: NDArray, into target: inout NDArray, accumulating: Bool = false, scale: Double = 1,
    bias: NDArray? = nil, then function: UnaryOperation?
  ) {
    if bias == nil && function == nil && areMatrices(a, b, &target) {
      return multiplyMatrices(a, b, into: target, accumulating, scale)
    }
    let factors = Factors(a, b)
    require(
      factors.resultShape == target.shape,
      "multiply: shapes \(a.shape) and \(b.shape) give \(factors.resultShape), not the target's \(target.shape)")
    a.type.requireSame(as: target.type, "multiply")
    require(bias == nil || !accumulating, "multiply: a bias cannot be added while accumulating")
    if let bias {
      require(
        bias.shape == [factors.columns], "multiply: a bias of shape \(bias.shape) does not fit \(factors.columns) columns")
      a.type.requireSame(as: bias.type, "multiply")
    }
    if target.view.isContiguous {
      target.makeWritable(keepingElements: accumulating)
    } else {
      target = accumulating ? target.contiguous() : NDArray(uninitialized: target.shape, target.type)
    }
    factors.multiply(into: target, accumulating: accumulating, scale: scale, bias: bias?.contiguous(), then: function)
  }

  /// Whether two matrices fit a contiguous, uniquely referenced target. Then there is nothing to broadcast or to copy, and a
  /// small product costs little more than its arithmetic.
  private static func areMatrices(_ a: NDArray, _ b: NDArray, _ target: inout NDArray) -> Bool {
    a.rank == 2 && b.rank == 2 && target.rank == 2 && a.type == b.type && a.type == target.type
      && a.shape[1] == b.shape[0] && target.shape[0] == a.shape[0] && target.shape[1] == b.shape[1]
      && target.view.isContiguous && isKnownUniquelyReferenced(&target.view.storage)
  }

  private static func multiplyMatrices(
    _ a: NDArray, _ b: NDArray, into target: NDArray, _ accumulating: Bool, _ scale: Double
  ) {
    a.read { x in
      b.read { y in
        target.fill { z in
          var product = Product(
            a: Operand(x, row: a.view.strides[0], column: a.view.strides[1]),
            b: .matrix(Operand(y, row: b.view.strides[0], column: b.view.strides[1])),
            c: Target(z, row: b.shape[1], accumulates: accumulating, bias: nil),
            rows: a.shape[0], columns: b.shape[1], depth: a.shape[1])
          product.scale = scale
          product.run(a.kernels.products, elementSize: a.type.size)
        }
      }
    }
  }

  /// All axes but the last as one axis of rows, without a copy where the strides allow it.
  private func rowsMatrix() -> NDArray {
    if rank == 2 { return self }
    let columns = shape[rank - 1]
    let rows = shape.dropLast().reduce(1, *)
    return reshaped([rows, columns])
  }
}

/// Two factors as batches of matrices.
private struct Factors {
  let a: NDArray
  let b: NDArray
  let rows: Int
  let columns: Int
  let depth: Int
  /// The axes before the last two, broadcast.
  let batch: Shape
  let resultShape: Shape

  init(_ a: NDArray, _ b: NDArray) {
    a.type.requireSame(as: b.type, "matmul")
    require(a.rank >= 1 && b.rank >= 1, "matmul: a scalar is not a matrix (shapes \(a.shape) and \(b.shape)); multiply with *")
    let inner = a.shape[a.rank - 1]
    require(
      inner == b.shape[max(0, b.rank - 2)],
      "matmul: shapes \(a.shape) and \(b.shape) do not fit: their inner extents \(inner) and \(b.shape[max(0, b.rank - 2)]) differ"
    )
    rows = a.rank == 1 ? 1 : a.shape[a.rank - 2]
    columns = b.rank == 1 ? 1 : b.shape[b.rank - 1]
    depth = inner
    let leading = Shape(a.shape.dropLast(2)).broadcast(with: Shape(b.shape.dropLast(2)))
    guard let leading else { stop("matmul: the leading axes of shapes \(a.shape) and \(b.shape) do not broadcast") }
    batch = leading
    self.a = a
    self.b = b
    resultShape = batch.followed(by: a.rank == 1 ? [] : [rows]).followed(by: b.rank == 1 ? [] : [columns])
  }

  func multiply(into result: NDArray, accumulating: Bool, scale: Double, bias: NDArray?, then function: UnaryOperation?) {
    let kernels = a.kernels.products
    let kernel = function.map { a.kernels.elements.unary($0) }
    let size = a.type.size
    let matrices = batch.elementCount
    a.read { x in
      b.read { y in
        result.fill { z in
          withOptionalAddress(of: bias) { bias in
            let product = { (index: Int) in
              var product = Product(
                a: Operand(
                  x + offset(of: a, index) * size, row: a.rank == 1 ? 0 : a.view.strides[a.rank - 2],
                  column: a.view.strides[a.rank - 1]),
                b: .matrix(
                  Operand(
                    y + offset(of: b, index) * size, row: b.view.strides[max(0, b.rank - 2)],
                    column: b.rank == 1 ? 1 : b.view.strides[b.rank - 1])),
                c: Target(z + index * rows * columns * size, row: columns, accumulates: accumulating, bias: bias),
                rows: rows, columns: columns, depth: depth)
              product.scale = scale
              if let kernel { product.finish = { kernel.run($0, $0, $1, 0, 0) } }
              product.run(kernels, elementSize: size)
            }
            if matrices == 1 { return product(0) }
            let time = productNanoseconds(rows: rows, columns: columns, depth: depth, panelWidth: kernels.panelWidth)
            let grain = max(1, Int(8000 / max(1, time)))
            parallel(matrices, grain: grain) { share in
              for index in share { product(index) }
            }
          }
        }
      }
    }
  }

  /// The offset of matrix `index` of the broadcast batch in one factor, in elements.
  private func offset(of factor: NDArray, _ index: Int) -> Int {
    var rest = index
    var offset = 0
    let missing = batch.count - max(0, factor.rank - 2)
    for axis in stride(from: batch.count - 1, through: 0, by: -1) {
      let position = rest % batch[axis]
      rest /= batch[axis]
      if axis >= missing, factor.shape[axis - missing] != 1 { offset += position * factor.view.strides[axis - missing] }
    }
    return offset
  }

  private func withOptionalAddress(of array: NDArray?, _ body: (UnsafeRawPointer?) -> Void) {
    if let array { array.read { body($0) } } else { body(nil) }
  }
}
