internal import UnrollKernelTemplates

/// A matrix laid out as the right factor of many products: packed once, multiplied any number of times.
///
/// A recurrent weight is multiplied at every time step; packing it first saves that work.
package struct PackedMatrix: Sendable {
  /// Written by `init`, or in parts through `pack` by the creator: each row by one thread, and never while a product reads it.
  nonisolated(unsafe) let storage: Storage
  /// float32 or float64.
  package let type: ElementType
  /// The number of rows, equal to the columns of the left factor.
  package let rows: Int
  /// The number of columns, also of the result.
  package let columns: Int
  private let width: Int
  private let panels: Int

  /// Packs a matrix of shape `[rows, columns]`, transposed and sliced ones included.
  package init(_ matrix: NDArray) {
    require(matrix.rank == 2, "PackedMatrix: an array of shape \(matrix.shape) is not a matrix")
    self.init(rows: matrix.shape[0], columns: matrix.shape[1], matrix.type)
    let strides = matrix.view.strides
    let grain = max(1, (1 << 17) / max(panelBytes, 1))
    matrix.read { source in
      parallel(panels, grain: grain) { pack(Operand(source, row: strides[0], column: strides[1]), 0..<rows, panels: $0) }
    }
  }

  /// Memory for a matrix that is packed in parts.
  init(rows: Int, columns: Int, _ type: ElementType) {
    self.type = type
    self.rows = rows
    self.columns = columns
    width = Machine.kernels(for: type).products.panelWidth
    panels = columns == 0 ? 0 : (columns - 1) / width + 1
    storage = Storage.with(byteCount: panels * rows * width * type.size)
  }

  /// Packs some rows, which lie `row` elements apart.
  func pack(_ source: UnsafeRawPointer, row: Int, rows: Range<Int>) {
    pack(Operand(source, row: row, column: 1), rows, panels: 0..<panels)
  }

  private var panelBytes: Int { rows * width * type.size }

  private func pack(_ source: Operand, _ rows: Range<Int>, panels: Range<Int>) {
    let kernels = Machine.kernels(for: type).products
    for index in panels {
      let target = storage.pointer + index * panelBytes + rows.lowerBound * width * type.size
      kernels.packPanel(source.from(0, index * width, type.size), rows.count, min(width, columns - index * width), target)
    }
  }
}
