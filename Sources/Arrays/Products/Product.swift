package import UnrollKernelTemplates

/// One matrix product, c ← start + scale·a·b, cut into blocks that fit the caches and split among threads.
///
/// The algorithm is chosen from the whole problem; the split distributes rows or columns, never the depth, and one algorithm
/// computes every element alike. So the bits of a result do not depend on the thread count.
package struct Product {
  /// `rows` × `depth`: element (i, k) lies at `i·row + k·column`.
  package var a: Operand
  package var b: RightOperand
  /// `rows` × `columns`, with contiguous rows.
  package var c: Target
  package var rows: Int
  package var columns: Int
  package var depth: Int
  package var scale = 1.0
  /// Called for each finished run of elements while it is still in the cache.
  package var finish: (@Sendable (_ elements: UnsafeMutableRawPointer, _ count: Int) -> Void)?

  /// Memory to prefetch meanwhile, for the work that follows this product.
  package var ahead: Region?

  /// Whether this is one of the many products of a recurrence's steps, so that other threads wait for their shares of it.
  package var isStep = false

  /// What it costs to share this product among threads.
  var handOver: HandOver { isStep ? .betweenSteps : .toSleepers }

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

  package func run(_ kernels: ProductKernels, elementSize size: Int) {
    if rows == 0 || columns == 0 { return }
    if rows <= 3 && scale != 1 { return runScaled(kernels, size) }
    switch b {
    case .matrix(let b) where rows == 1 && b.column == 1: multiplyRow(b, kernels, size)
    case .matrix(let b) where rows <= 3 && b.row == 1 && a.column == 1: multiplyDots(b, kernels, size)
    default: multiplyPanels(kernels, size)
    }
  }

  /// Scales the few rows of a before they are multiplied.
  private func runScaled(_ kernels: ProductKernels, _ size: Int) {
    withScratch(byteCount: rows * depth * size) { scratch in
      let turned = a.column != 1 && a.row == 1
      kernels.packBlock(a, rows, depth, scale, scratch, turned ? rows : depth)
      var scaled = self
      scaled.a = Operand(scratch, row: turned ? 1 : depth, column: turned ? rows : 1)
      scaled.scale = 1
      scaled.run(kernels, elementSize: size)
    }
  }

  /// The nanoseconds below which no machine's hand-over pays.
  static let shortest = 500.0

  /// The number of threads that share the columns, in whole panels.
  func columnThreads(_ kernels: ProductKernels) -> Int {
    let (available, panels) = (Machine.operationThreads, (columns - 1) / kernels.panelWidth + 1)
    if available == 1 { return 1 }
    if Machine.splitsEverything { return min(available, panels) }
    let alone = nanoseconds(kernels)
    return alone < Product.shortest ? 1 : threadsWorth(alone, pieces: panels, of: available, handOver)
  }

  /// The time that one thread takes.
  func nanoseconds(_ kernels: ProductKernels) -> Double {
    productNanoseconds(rows: rows, columns: columns, depth: depth, panelWidth: kernels.panelWidth)
  }
}

extension Operand {
  /// The matrix that begins at (i, j) of this one.
  func from(_ i: Int, _ j: Int, _ size: Int) -> Operand {
    Operand(pointer + (i * row + j * column) * size, row: row, column: column)
  }
}

extension Target {
  /// The part that begins at (i, j) of this one.
  func from(_ i: Int, _ j: Int, _ size: Int) -> Target {
    Target(pointer + (i * row + j) * size, row: row, accumulates: accumulates, bias: bias.map { $0 + j * size })
  }
}

/// Products of one or very few rows: the matrix on the right is read once, and memory bandwidth is the limit.
extension Product {
  /// The bytes of results that stay in the first-level cache while the matrix streams by.
  private static let streamBytes = 16 << 10

  /// One row times a matrix of contiguous rows.
  func multiplyRow(_ b: Operand, _ kernels: ProductKernels, _ size: Int) {
    parallel(columns, unit: kernels.panelWidth, threads: columnThreads(kernels)) { share in
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
    parallel(columns, unit: kernels.panelWidth, threads: columnThreads(kernels)) { share in
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
