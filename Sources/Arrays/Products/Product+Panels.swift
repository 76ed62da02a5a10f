internal import UnrollKernelTemplates

/// Products of many rows, one panel of columns after another.
///
/// ```text
/// for each block of rows            (with its columns it may outgrow the second-level cache: it streams)
///   for each block of the depth     (large, since every further one reads and writes c again)
///     for each panel of columns     (copied together; it stays in the second-level cache)
///       for each tile of rows
/// ```
extension Product {
  private static let rowBlock = 1024
  private static let depthBlock = 1024
  /// Up to this many rows, b is read directly: copying it into panels would only add a pass.
  private static let directRows = 12

  func multiplyPanels(_ kernels: ProductKernels, _ size: Int) {
    let block = Block(product: self, kernels: kernels, size: size, copies: copiesBlocks(kernels, size))
    let (rowThreads, columnThreads) = threads(kernels)
    if rowThreads > 1 {
      parallel(rows, unit: kernels.tileRows, threads: rowThreads) { block.run(rows: $0, columns: 0..<columns) }
    } else {
      parallel(columns, unit: kernels.panelWidth, threads: columnThreads) { block.run(rows: 0..<rows, columns: $0) }
    }
  }

  /// The number of threads that share the rows, in whole tiles, and the number of those that share the columns, in whole panels; one
  /// of them is 1. Each thread that has rows copies all of b, so it gets two tiles at least. Where both take equally long, rows are
  /// shared: their part of a stays in the second-level cache.
  private func threads(_ kernels: ProductKernels) -> (rows: Int, columns: Int) {
    let available = Machine.operationThreads
    if available == 1 { return (1, 1) }
    let (tiles, panels) = ((rows - 1) / kernels.tileRows + 1, (columns - 1) / kernels.panelWidth + 1)
    if Machine.splitsEverything { return tiles >= 4 ? (min(available, tiles / 2), 1) : (1, min(available, panels)) }
    let alone = nanoseconds(kernels)
    if alone < Product.shortest { return (1, 1) }
    let handOver = handOver
    let byRows = fastest(alone, of: min(available, tiles / 2), handOver) {
      alone * Double((tiles - 1) / $0 + 1) / Double(tiles)
    }
    let byColumns = fastest(alone, of: min(available, panels), handOver) {
      alone * Double((panels - 1) / $0 + 1) / Double(panels)
    }
    return byRows.nanoseconds <= byColumns.nanoseconds ? (byRows.threads, 1) : (1, byColumns.threads)
  }

  /// Whether blocks of a are copied: if a is scaled; if none of its strides is one and it is read for several panels; and if it
  /// is large, is read for several panels, and its rows or columns lie a multiple of 1 KB apart, where they share few sets of
  /// the second-level cache. Tiles read along rows, so contiguous rows suffer from that later than contiguous columns.
  private func copiesBlocks(_ kernels: ProductKernels, _ size: Int) -> Bool {
    if scale != 1 || (a.row != 1 && a.column != 1 && columns > kernels.panelWidth) { return true }
    let distance = max(a.row, a.column) * size
    return columns >= 4 * kernels.panelWidth && rows * depth > 1 << (a.column == 1 ? 19 : 16) && distance % 1024 == 0
  }

  /// One thread's share of a product.
  private struct Block {
    let product: Product
    let kernels: ProductKernels
    let size: Int
    let copies: Bool

    func run(rows: Range<Int>, columns: Range<Int>) {
      let blocks = max(1, (rows.count - 1) / Product.rowBlock + 1)
      let height = (rows.count - 1) / blocks + 1
      let depth = min(Product.depthBlock, max(product.depth, 1))
      let panelCount = (depth + kernels.tileRows + 1) * kernels.panelWidth
      let blockCount = copies ? (turned ? depth : height) * lineStride(turned ? height : depth) : 0
      withScratch(byteCount: (panelCount + blockCount) * size) { scratch in
        for first in stride(from: rows.lowerBound, to: rows.upperBound, by: height) {
          let part = first..<min(first + height, rows.upperBound)
          for k in stride(from: 0, to: max(product.depth, 1), by: depth) {
            let slice = k..<min(k + depth, product.depth)
            let a = leftBlock(part, slice, scratch + panelCount * size)
            multiply(a, part, columns, slice, panel: scratch, edge: scratch + depth * kernels.panelWidth * size)
          }
        }
      }
    }

    /// Whether the columns of a, not its rows, are contiguous.
    private var turned: Bool { product.a.column != 1 && product.a.row == 1 }

    /// The distance between the lines of a copied block: an odd number of cache lines, so that they fall into different cache
    /// sets.
    private func lineStride(_ length: Int) -> Int {
      let line = 64 / size
      return ((length - 1) / line + 1 | 1) * line
    }

    private func leftBlock(_ rows: Range<Int>, _ slice: Range<Int>, _ scratch: UnsafeMutableRawPointer) -> Operand {
      let a = product.a.from(rows.lowerBound, slice.lowerBound, size)
      if !copies { return a }
      let stride = lineStride(turned ? rows.count : slice.count)
      kernels.packBlock(a, rows.count, slice.count, product.scale, scratch, stride)
      return Operand(scratch, row: turned ? 1 : stride, column: turned ? stride : 1)
    }

    private func multiply(
      _ a: Operand, _ rows: Range<Int>, _ columns: Range<Int>, _ slice: Range<Int>, panel scratch: UnsafeMutableRawPointer,
      edge: UnsafeMutableRawPointer
    ) {
      let width = kernels.panelWidth
      let wide = multiplyWide(a, rows, columns, slice)
      for j in stride(from: columns.lowerBound + wide * width, to: columns.upperBound, by: width) {
        let count = min(width, columns.upperBound - j)
        let c = target(row: rows.lowerBound, column: j, slice)
        let (panel, step, next) = rightPanel(column: j, count, slice, scratch)
        let ahead = ahead(rows, j..<(j + count), slice)
        kernels.multiplyPanel(a, rows.count, panel, step, next, ahead, count, c, slice.count, edge)
        finish(rows, j..<(j + count), slice)
      }
      finish(rows, columns.lowerBound..<(columns.lowerBound + wide * width), slice)
    }

    /// Multiplies at most three rows with several panels at a time; returns the number of panels done.
    private func multiplyWide(_ a: Operand, _ rows: Range<Int>, _ columns: Range<Int>, _ slice: Range<Int>) -> Int {
      if product.rows > 3 { return 0 }
      let width = kernels.panelWidth
      let full = columns.count / width
      let c = target(row: rows.lowerBound, column: columns.lowerBound, slice)
      switch product.b {
      case .packed(let packed):
        let start = packed + (columns.lowerBound * product.depth + slice.lowerBound * width) * size
        return kernels.multiplyWide(a, rows.count, start, width, width * product.depth, full, c, slice.count)
      case .matrix(let b) where b.column == 1:
        let start = b.from(slice.lowerBound, columns.lowerBound, size).pointer
        return kernels.multiplyWide(a, rows.count, start, b.row, width, full, c, slice.count)
      case .matrix:
        return 0
      }
    }

    /// The part of `product.ahead` to prefetch during this part of the work, in proportion to its multiply-adds.
    private func ahead(_ rows: Range<Int>, _ columns: Range<Int>, _ slice: Range<Int>) -> Region {
      guard let region = product.ahead, product.depth > 0 else { return Region(product.c.pointer, byteCount: 0) }
      let done = (rows.lowerBound * product.depth + rows.count * slice.lowerBound) * product.columns
      let first = done + rows.count * slice.count * columns.lowerBound
      let scale = Double(region.byteCount) / Double(product.rows * product.columns * product.depth)
      return Region(
        region.pointer + Int(scale * Double(first)), byteCount: Int(scale * Double(rows.count * slice.count * columns.count)))
    }

    /// A panel of b, in place or copied to `scratch`; the distance between its rows; and the next panel, if it exists already.
    /// After the last panel of a packed factor comes its first, for the next product with the same factor.
    private func rightPanel(
      column: Int, _ count: Int, _ slice: Range<Int>, _ scratch: UnsafeMutableRawPointer
    ) -> (UnsafeRawPointer, step: Int, next: Region) {
      let width = kernels.panelWidth
      switch product.b {
      case .packed(let panels):
        let next = column + width < product.columns ? column + width : 0
        return (
          panels + (column * product.depth + slice.lowerBound * width) * size, width,
          Region(panels + (next * product.depth + slice.lowerBound * width) * size, byteCount: slice.count * width * size)
        )
      case .matrix(let b):
        let part = b.from(slice.lowerBound, column, size)
        if count == width && b.column == 1 && (product.rows <= Product.directRows || fitsFirstCache(b, slice)) {
          return (part.pointer, b.row, Region(part.pointer, byteCount: 0))
        }
        kernels.packPanel(part, slice.count, count, scratch)
        return (UnsafeRawPointer(scratch), width, Region(scratch, byteCount: 0))
      }
    }

    /// Whether b fits the first-level cache, where copying it would gain nothing.
    private func fitsFirstCache(_ b: Operand, _ slice: Range<Int>) -> Bool { slice.count * b.row * size <= 32 << 10 }

    /// The target of a block; only the first block of the depth starts from the bias, later ones accumulate.
    private func target(row: Int, column: Int, _ slice: Range<Int>) -> Target {
      var c = product.c.from(row, column, size)
      if slice.lowerBound > 0 { c.accumulates = true }
      return c
    }

    /// After the last block of the depth, passes the finished elements to `finish`.
    private func finish(_ rows: Range<Int>, _ columns: Range<Int>, _ slice: Range<Int>) {
      guard let finish = product.finish, slice.upperBound == product.depth, !columns.isEmpty else { return }
      for i in rows { finish(product.c.from(i, columns.lowerBound, size).pointer, columns.count) }
    }
  }
}
