internal import UnrollKernelTemplates

extension StepProgram.Columns {
  /// These columns of a matrix, in the record's order.
  func gathered(from matrix: NDArray) -> NDArray {
    if ranges == [0..<matrix.shape[1]] { return matrix }
    let parts = ranges.map { matrix[.all, $0] }
    return parts.count == 1 ? parts[0] : NDArray.concatenate(parts, axis: 1)
  }
}

/// Some columns of a matrix in a record's order, packed for many products where that pays.
struct GatheredMatrix {
  private let plain: NDArray
  private let packed: PackedMatrix?

  init(_ matrix: NDArray, _ columns: StepProgram.Columns, isTransposed: Bool = false, isPacked: Bool) {
    let gathered = columns.gathered(from: matrix)
    plain = isTransposed ? gathered.transposed() : gathered
    packed = isPacked ? PackedMatrix(plain) : nil
  }

  /// The right factor of products. Its pointers are valid while this value lives.
  var factor: Factor {
    Factor(
      b: packed.map { .packed(UnsafeRawPointer($0.storage.pointer)) }
        ?? plain.read { .matrix(Operand($0, row: plain.view.strides[0], column: plain.view.strides[1])) },
      rows: plain.shape[0], columns: plain.shape[1])
  }

  /// A right factor without a reference to its owner: a step's product must not count references.
  struct Factor {
    let b: Product.RightOperand
    let rows: Int
    let columns: Int

    /// c ← start + a·matrix, for rows anywhere in memory.
    @inline(__always)
    func multiply(
      _ a: Operand, rows count: Int, into c: Target, ahead: Region? = nil, _ kernels: ProductKernels, _ size: Int
    ) {
      var product = Product(a: a, b: b, c: c, rows: count, columns: columns, depth: rows)
      product.ahead = ahead
      product.run(kernels, elementSize: size)
    }
  }
}

/// The products of a program with the weights of a sequence.
struct ProgramProducts {
  let input: [GatheredMatrix]
  let state: [GatheredMatrix]
  /// The products within the step, in order.
  let inner: [GatheredMatrix]

  init(_ program: StepProgram, _ weights: ProgramSequence.Weights, rows: Int, parts: Int) {
    let pays = rows >= 8
    func gathered(_ product: StepProgram.ForwardProduct, _ isPacked: Bool) -> GatheredMatrix {
      GatheredMatrix(weights.matrices[product.matrix], product.columns, isPacked: isPacked)
    }
    input = program.inputProducts.map { gathered($0, pays && parts > 1) }
    state = program.stateProducts.map { gathered($0, pays) }
    inner = program.forward.forwardProducts.map { gathered($0, pays) }
  }
}
