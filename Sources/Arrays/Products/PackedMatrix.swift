internal import UnrollKernelTemplates

/// A matrix laid out for being the right factor of many products: packed once, multiplied by as often as you like.
///
/// A recurrent weight meets every time step; packing it first saves that work at every step.
///
///     let packed = PackedMatrix(weights)  // [input, output]
///     let y = x.matmul(packed)            // [batch, input] and [input, output] give [batch, output]
public struct PackedMatrix: Sendable {
  /// Written by `init` alone: see `Storage`.
  nonisolated(unsafe) let storage: Storage
  /// float32 or float64.
  public let type: ElementType
  /// The extent that meets the columns of the left factor.
  public let rows: Int
  /// The extent of the result's rows.
  public let columns: Int

  /// Packs a matrix of shape `[rows, columns]`, transposed and sliced ones included.
  public init(_ matrix: NDArray) { self.init(matrix, columnSums: nil) }

  /// The same, and the sum of every column to an array of its own, while the column is in the cache.
  init(_ matrix: NDArray, columnSums: NDArray?) {
    require(matrix.rank == 2, "PackedMatrix: an array of shape \(matrix.shape) is not a matrix")
    type = matrix.type
    rows = matrix.shape[0]
    columns = matrix.shape[1]
    let kernels = matrix.kernels.products
    let sum = columnSums.map { (matrix.kernels.reductions.foldColumns(.sum), $0.fill { $0 }) }
    let width = kernels.panelWidth
    let size = type.size
    let panels = columns == 0 ? 0 : (columns - 1) / width + 1
    let (depth, columns, strides) = (rows, columns, matrix.view.strides)
    let panelBytes = depth * width * size
    let storage = Storage.with(byteCount: panels * panelBytes)
    self.storage = storage
    matrix.read { source in
      let b = Operand(source, row: strides[0], column: strides[1])
      parallel(panels, grain: max(1, Product.splitGrain / max(panelBytes, 1))) { share in
        for index in share {
          let (part, panel) = (b.from(0, index * width, size), storage.pointer + index * panelBytes)
          let count = min(width, columns - index * width)
          kernels.packPanel(part, depth, count, panel)
          if let (fold, sums) = sum { fold(panel, width, depth, count, nil, 1, sums + index * width * size) }
        }
      }
    }
    withExtendedLifetime(columnSums) {}
  }
}
