/// Matrix products at one width: c ← start + a·b for blocks that fit the caches. The caller chooses the blocks, decides what to
/// pack and splits the work among threads (`Product` in UnrollArrays). Strides count elements.
public final class ProductKernels: Sendable {
  /// The width of a packed panel.
  public let panelWidth: Int
  /// The rows of the largest tile.
  public let tileRows: Int

  /// Copies `columns` ≤ `panelWidth` columns of a matrix into a padded panel.
  public let packPanel: @Sendable (_ b: Operand, _ depth: Int, _ columns: Int, _ panel: UnsafeMutableRawPointer) -> Void

  /// Copies a block of the left operand, scaled. Its rows (or its columns, where these are contiguous) lie `stride` apart.
  public let packBlock:
    @Sendable (
      _ a: Operand, _ rows: Int, _ depth: Int, _ scale: Double, _ block: UnsafeMutableRawPointer, _ stride: Int
    ) -> Void

  /// Rows times one panel of `columns` columns. `next` and `ahead` are prefetched meanwhile. `scratch` holds `tileRows + 1`
  /// rows of a panel.
  public let multiplyPanel:
    @Sendable (
      _ a: Operand, _ rows: Int, _ panel: UnsafeRawPointer, _ step: Int, _ next: Region, _ ahead: Region, _ columns: Int,
      _ c: Target, _ depth: Int, _ scratch: UnsafeMutableRawPointer
    ) -> Void

  /// At most three rows times full panels, several side by side. Returns the number of panels done; fewer than one group
  /// remain.
  public let multiplyWide:
    @Sendable (
      _ a: Operand, _ rows: Int, _ b: UnsafeRawPointer, _ step: Int, _ panel: Int, _ panels: Int, _ c: Target, _ depth: Int
    ) -> Int

  /// One row times a matrix of contiguous rows.
  public let multiplyRow:
    @Sendable (_ a: Operand, _ b: UnsafeRawPointer, _ row: Int, _ columns: Int, _ c: Target, _ depth: Int)
      -> Void

  /// One contiguous row times a matrix of contiguous columns. `scratch` holds a square of vectors.
  public let multiplyDots:
    @Sendable (
      _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ column: Int, _ columns: Int, _ c: Target, _ depth: Int,
      _ scratch: UnsafeMutableRawPointer
    ) -> Void

  /// Runs 24 · count vector multiply-adds and nothing else.
  public let multiplyAddOnly: @Sendable (_ count: Int) -> Double

  @inlinable @inline(__always)
  public init<V: Vector>(_ vector: V.Type) {
    multiplyAddOnly = { UnrollKernelTemplates.multiplyAddOnly(V.self, $0) }
    panelWidth = V.panelWidth
    tileRows = V.tileRows
    packPanel = { b, depth, columns, panel in
      UnrollKernelTemplates.packPanel(
        V.self, b.pointer.assumingMemoryBound(to: V.Scalar.self), row: b.row, column: b.column, depth: depth, columns: columns,
        into: panel.assumingMemoryBound(to: V.Scalar.self))
    }
    packBlock = { a, rows, depth, scale, block, stride in
      UnrollKernelTemplates.packBlock(
        V.self, a.elements(V.Scalar.self), rows: rows, depth: depth, scale: V.Scalar(scale),
        into: block.assumingMemoryBound(to: V.Scalar.self), stride: stride)
    }
    multiplyPanel = { a, rows, panel, step, next, ahead, columns, c, depth, scratch in
      let b = PanelRows(panel.assumingMemoryBound(to: V.Scalar.self), step: step, panel: 0)
      if columns == V.panelWidth {
        UnrollKernelTemplates.multiplyPanel(
          V.self, a.elements(V.Scalar.self), rows: rows, b, next: next, ahead: ahead, c.elements(V.Scalar.self), depth: depth)
      } else {
        multiplyNarrowPanel(
          V.self, a.elements(V.Scalar.self), rows: rows, b, c.elements(V.Scalar.self), columns: columns, depth: depth,
          scratch: scratch.assumingMemoryBound(to: V.Scalar.self))
      }
    }
    multiplyRow = { a, b, row, columns, c, depth in
      UnrollKernelTemplates.multiplyRow(
        V.self, a.elements(V.Scalar.self), b.assumingMemoryBound(to: V.Scalar.self), row: row, c.elements(V.Scalar.self),
        columns: columns, depth: depth)
    }
    multiplyDots = { a, b, column, columns, c, depth, scratch in
      UnrollKernelTemplates.multiplyDots(
        V.self, a.assumingMemoryBound(to: V.Scalar.self), b.assumingMemoryBound(to: V.Scalar.self), column: column,
        c.elements(V.Scalar.self), columns: columns, depth: depth,
        scratch: scratch.assumingMemoryBound(to: V.Scalar.self))
    }
    multiplyWide = { a, rows, b, step, panel, panels, c, depth in
      UnrollKernelTemplates.multiplyWide(
        V.self, a.elements(V.Scalar.self), rows: rows,
        PanelRows(b.assumingMemoryBound(to: V.Scalar.self), step: step, panel: panel), panels: panels,
        c.elements(V.Scalar.self), depth: depth)
    }
  }
}

/// A matrix in memory: element (i, j) lies `i·row + j·column` elements after `pointer`.
@frozen
public struct Operand {
  public var pointer: UnsafeRawPointer
  public var row: Int
  public var column: Int

  @inlinable @inline(__always)
  public init(_ pointer: UnsafeRawPointer, row: Int, column: Int) {
    self.pointer = pointer
    self.row = row
    self.column = column
  }

  @inlinable @inline(__always)
  func elements<Scalar>(_: Scalar.Type) -> Strided<Scalar> {
    Strided(pointer.assumingMemoryBound(to: Scalar.self), row: row, step: column)
  }
}

/// The result of a product: its rows lie `row` elements apart and are contiguous. It starts from its present contents, from a
/// bias per column, or from zero.
@frozen
public struct Target {
  public var pointer: UnsafeMutableRawPointer
  public var row: Int
  public var accumulates: Bool
  public var bias: UnsafeRawPointer?

  @inlinable @inline(__always)
  public init(_ pointer: UnsafeMutableRawPointer, row: Int, accumulates: Bool, bias: UnsafeRawPointer?) {
    self.pointer = pointer
    self.row = row
    self.accumulates = accumulates
    self.bias = bias
  }

  @inlinable @inline(__always)
  func elements<Scalar>(_: Scalar.Type) -> Output<Scalar> {
    Output(
      pointer.assumingMemoryBound(to: Scalar.self), row: row, accumulates: accumulates,
      bias: bias?.assumingMemoryBound(to: Scalar.self))
  }
}

/// Nothing but multiply-adds in registers, 24 · `count` of vectors: the machine's peak, to compare measurements with. Returns a
/// number that depends on all of them, so that none is optimised away.
@inlinable @inline(__always)
func multiplyAddOnly<V: Vector>(_: V.Type, _ count: Int) -> Double {
  // Twelve independent sums hide the latency of a multiply-add.
  var sums = InlineArray<12, InlineArray<1, V>>(repeating: InlineArray<1, V>(repeating: V()))
  let factor = V(repeating: 0.5)
  let term = V(repeating: 1)
  for _ in 0..<(2 &* count) {
    for i in 0..<12 { sums[i][0] = sums[i][0].multiplied(by: factor, adding: term) }
  }
  var total = V()
  for i in 0..<12 { total += sums[i][0] }
  return Double(total[0])
}
