import UnrollKernelTemplates

extension NDArray {
  /// c ← a·b for matrices, written into an existing array.
  package static func multiply(_ a: NDArray, _ b: NDArray, into c: inout NDArray, accumulating: Bool = false) {
    let size = a.type.size
    let kernels = a.kernels.products
    a.read { x in
      b.read { y in
        c.fill { z in
          Product(
            a: Operand(x, row: a.view.strides[0], column: a.view.strides[1]),
            b: .matrix(Operand(y, row: b.view.strides[0], column: b.view.strides[1])),
            c: Target(z, row: c.view.strides[0], accumulates: accumulating, bias: nil),
            rows: a.shape[0], columns: b.shape[1], depth: a.shape[1]
          ).run(kernels, elementSize: size)
        }
      }
    }
  }
}
