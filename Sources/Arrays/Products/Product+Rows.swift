internal import UnrollKernelTemplates

/// Products of one or very few rows: the matrix on the right is read once, and memory bandwidth is the limit.
extension Product {
  /// The bytes of results that stay in the first-level cache while the matrix streams by.
  private static let streamBytes = 16 << 10

  /// One row times a matrix of contiguous rows.
  func multiplyRow(_ b: Operand, _ kernels: ProductKernels, _ size: Int) {
    parallel(columns, grain: columnGrain(kernels)) { share in
      var first = share.lowerBound
      while first < share.upperBound {
        let count = min(Product.streamBytes / size, share.upperBound - first)
        let target = c.from(0, first, size)
        kernels.multiplyRow(a, b.from(0, first, size).pointer, b.row, count, target, depth)
        finish?(target.pointer, count)
        first += count
      }
    }
  }

  /// Few contiguous rows times a matrix of contiguous columns.
  func multiplyDots(_ b: Operand, _ kernels: ProductKernels, _ size: Int) {
    let square = kernels.panelWidth * kernels.panelWidth / 4
    parallel(columns, grain: columnGrain(kernels)) { share in
      withScratch(byteCount: square * size) { scratch in
        for i in 0..<rows {
          let target = c.from(i, share.lowerBound, size)
          kernels.multiplyDots(
            a.from(i, 0, size).pointer, b.from(0, share.lowerBound, size).pointer, b.column, share.count, target, depth, scratch
          )
          finish?(target.pointer, share.count)
        }
      }
    }
  }
}
