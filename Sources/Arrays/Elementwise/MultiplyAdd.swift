internal import UnrollKernelTemplates

extension NDArray {
  /// x · y + z of corresponding elements, rounded once where the kernels have a fused multiply-add; shapes broadcast: `[2, 3]`,
  /// `[3]` and `[2, 1]` give `[2, 3]`.
  package func multiplied(by y: NDArray, adding z: NDArray) -> NDArray {
    let product = NDArray.commonShape("multiplied", self, y)
    type.requireSame(as: z.type, "multiplied")
    guard let shape = product.broadcast(with: z.shape) else {
      stop("multiplied: shapes \(product) and \(z.shape) do not broadcast")
    }
    let operands = [self, y, z].map { $0.count == 1 ? $0 : $0.broadcast(to: shape).contiguous() }
    let steps = operands.map { $0.count == 1 ? 0 : 1 }
    let kernel = kernels.elements.ternary(.multiplyAdd)
    let out = NDArray(uninitialized: shape, type)
    let size = type.size
    operands[0].read { a in
      operands[1].read { b in
        operands[2].read { c in
          out.fill { out in
            parallel(shape.elementCount, grain: elementGrain) { range in
              let start = range.lowerBound * size
              kernel.runRows(
                OperandRows(a + start * steps[0], steps[0]), OperandRows(b + start * steps[1], steps[1]),
                OperandRows(c + start * steps[2], steps[2]), out + start, 0, 1, range.count)
            }
          }
        }
      }
    }
    return out
  }
}
