package import UnrollKernelTemplates

/// One matrix product, c ← start + a·b, cut into blocks that fit the caches and split over threads.
///
/// The path is chosen from the whole problem; the split only deals out rows or panels of columns, never the inner dimension,
/// and every element is one chain of multiply-adds (see `Tile`). So the bits of a result do not depend on the thread count.
package struct Product {
  /// `rows` × `depth`: element (i, k) lies at `i·row + k·column`.
  package var a: Operand
  package var b: RightOperand
  package var c: Target
  package var rows: Int
  package var columns: Int
  package var depth: Int

  package enum RightOperand {
    /// `depth` × `columns`: element (k, j) lies at `k·row + j·column`.
    case matrix(Operand)
    /// Panels one after another, each `depth` rows of `panelWidth` elements; see `PackedMatrix`.
    case packed(UnsafeRawPointer)
  }

  package init(a: Operand, b: RightOperand, c: Target, rows: Int, columns: Int, depth: Int) {
    self.a = a
    self.b = b
    self.c = c
    self.rows = rows
    self.columns = columns
    self.depth = depth
  }
}

extension Product {
  /// Rows of a block of `a`: with `depthBlock` columns it fills half of a second-level cache.
  private static let rowBlock = 480
  /// Rows of a block of `b`: a panel of so many rows fits the first-level cache beside the rows of `a` that meet it.
  private static let depthBlock = 256
  /// Up to so many rows, one pass over `b` is all there is: copying it into panels first would only be another pass.
  private static let directRows = 12
  /// Multiply-adds below which a second thread costs more than it brings.
  private static let splitGrain = 1 << 17

  package func run(_ kernels: ProductKernels, elementSize size: Int) {
    if rows == 0 || columns == 0 { return }
    let panels = (columns - 1) / kernels.panelWidth + 1
    let block = Block(product: self, kernels: kernels, size: size)
    if rows * columns * depth < 2 * Product.splitGrain || Machine.threadCount == 1 {
      return block.run(rows: 0..<rows, panels: 0..<panels)
    }
    if rows >= 2 * kernels.tileRows * Machine.threadCount || panels == 1 {
      let perThread = (rows - 1) / Machine.threadCount + 1
      parallel(rows, grain: perThread) { block.run(rows: $0, panels: 0..<panels) }
    } else {
      let perThread = (panels - 1) / Machine.threadCount + 1
      parallel(panels, grain: perThread) { block.run(rows: 0..<rows, panels: $0) }
    }
  }

  /// One thread's share of a product.
  private struct Block {
    let product: Product
    let kernels: ProductKernels
    let size: Int

    func run(rows: Range<Int>, panels: Range<Int>) {
      let width = kernels.panelWidth
      let scratchCount = (Product.depthBlock + kernels.tileRows + 1) * width
      withUnsafeTemporaryAllocation(byteCount: scratchCount * size, alignment: 64) { scratch in
        guard let panel = scratch.baseAddress else { return }
        let edge = panel + Product.depthBlock * width * size
        var first = rows.lowerBound
        while first < rows.upperBound {
          let last = min(first + Product.rowBlock, rows.upperBound)
          run(rows: first..<last, panels: panels, panel: panel, edge: edge)
          first = last
        }
      }
    }

    private func run(rows: Range<Int>, panels: Range<Int>, panel: UnsafeMutableRawPointer, edge: UnsafeMutableRawPointer) {
      var k = 0
      repeat {
        let depth = min(Product.depthBlock, product.depth - k)
        multiply(rows: rows, panels: panels, from: k, depth: depth, panel: panel, edge: edge)
        k += depth
      } while k < product.depth
    }

    private func multiply(
      rows: Range<Int>, panels: Range<Int>, from k: Int, depth: Int, panel scratch: UnsafeMutableRawPointer,
      edge: UnsafeMutableRawPointer
    ) {
      let width = kernels.panelWidth
      var a = product.a
      a.pointer += (rows.lowerBound * a.row + k * a.column) * size
      for index in panels {
        let j = index * width
        let columns = min(width, product.columns - j)
        var c = product.c
        c.pointer += (rows.lowerBound * c.row + j) * size
        c.accumulates = c.accumulates || k > 0
        c.bias = c.bias.map { $0 + j * size }
        let (panel, step) = rightPanel(index, columns: columns, from: k, depth: depth, scratch: scratch)
        kernels.multiplyPanel(a, rows.count, panel, step, columns, c, depth, edge)
      }
    }

    /// A panel of b, where it lies or copied into `scratch`, and the distance between its rows.
    private func rightPanel(
      _ index: Int, columns: Int, from k: Int, depth: Int, scratch: UnsafeMutableRawPointer
    ) -> (UnsafeRawPointer, step: Int) {
      let width = kernels.panelWidth
      switch product.b {
      case .packed(let panels):
        return (panels + (index * product.depth + k) * width * size, width)
      case .matrix(var b):
        b.pointer += (k * b.row + index * width * b.column) * size
        if columns == width && b.column == 1 && product.rows <= Product.directRows { return (b.pointer, b.row) }
        kernels.packPanel(b, depth, columns, scratch)
        return (UnsafeRawPointer(scratch), width)
      }
    }
  }
}
