/// A reduction of many numbers to one, by name.
public enum Reduction: Int, Sendable, CaseIterable {
  case sum, sumOfMagnitudes, sumOfScaledSquares, sumOfSquaredDeviations, product, maximum, minimum, largestMagnitude

  /// The result of a reduction without elements.
  public var identity: Double {
    switch self {
    case .sum, .sumOfMagnitudes, .sumOfScaledSquares, .sumOfSquaredDeviations, .largestMagnitude: 0
    case .product: 1
    case .maximum: -.infinity
    case .minimum: .infinity
    }
  }

  /// The reduction that combines the results of parts.
  public var ofParts: Reduction {
    switch self {
    case .sum, .sumOfMagnitudes, .sumOfScaledSquares, .sumOfSquaredDeviations: .sum
    case .product, .maximum, .minimum: self
    case .largestMagnitude: .maximum
    }
  }
}

/// Reductions at one width. Every result depends on its own elements in their order only: splitting the work into several calls
/// changes no bit.
public struct ReductionKernels: Sendable {
  public typealias Fold =
    @Sendable (
      _ x: UnsafeRawPointer, _ row: Int, _ rows: Int, _ columns: Int, _ parameters: UnsafeRawPointer?, _ divisor: Double,
      _ y: UnsafeMutableRawPointer
    ) -> Void

  /// Reduces each row of contiguous elements to one number and divides it; `parameters` has one number per row.
  public let foldRows: @Sendable (Reduction) -> Fold
  /// Reduces all rows to one row and divides it; `parameters` has one number per column.
  public let foldColumns: @Sendable (Reduction) -> Fold

  /// The first position of the largest, or of the smallest, element of each row.
  public let findExtremes:
    @Sendable (
      _ largest: Bool, _ x: UnsafeRawPointer, _ row: Int, _ rows: Int, _ columns: Int, _ y: UnsafeMutablePointer<Int32>
    ) -> Void

  public typealias Rows =
    @Sendable (_ x: UnsafeRawPointer, _ row: Int, _ rows: Int, _ columns: Int, _ y: UnsafeMutableRawPointer) -> Void

  /// exp(x − max) / Σ exp(x − max) of each row, and its logarithm; the results are contiguous.
  public let softmaxRows: Rows
  public let logSoftmaxRows: Rows

  /// ln Σ exp x of each row. `scratch` holds a row.
  public let logSumExpRows:
    @Sendable (
      _ x: UnsafeRawPointer, _ row: Int, _ rows: Int, _ columns: Int, _ y: UnsafeMutableRawPointer,
      _ scratch: UnsafeMutableRawPointer
    ) -> Void

  /// Running sums down the `n` rows of `inner` contiguous elements.
  public let accumulate: @Sendable (_ x: UnsafeRawPointer, _ n: Int, _ inner: Int, _ y: UnsafeMutableRawPointer) -> Void

  /// In place: √y, divided by the scales if given.
  public let squareRoots: @Sendable (_ y: UnsafeMutableRawPointer, _ scales: UnsafeRawPointer?, _ count: Int) -> Void

  /// In place: replaces a magnitude by the power of two that scales it to about one.
  public let scales: @Sendable (_ y: UnsafeMutableRawPointer, _ count: Int) -> Void

  @inlinable @inline(__always)
  public init<V: Vector>(_ vector: V.Type) {
    foldRows = { reduction in
      switch reduction {
      case .sum: Self.rows(Sum.self, V.self)
      case .sumOfMagnitudes: Self.rows(SumOfMagnitudes.self, V.self)
      case .sumOfScaledSquares: Self.rows(SumOfScaledSquares.self, V.self)
      case .sumOfSquaredDeviations: Self.rows(SumOfSquaredDeviations.self, V.self)
      case .product: Self.rows(ProductOfAll.self, V.self)
      case .maximum: Self.rows(Largest.self, V.self)
      case .minimum: Self.rows(Smallest.self, V.self)
      case .largestMagnitude: Self.rows(LargestMagnitude.self, V.self)
      }
    }
    foldColumns = { reduction in
      switch reduction {
      case .sum: Self.columns(Sum.self, V.self)
      case .sumOfMagnitudes: Self.columns(SumOfMagnitudes.self, V.self)
      case .sumOfScaledSquares: Self.columns(SumOfScaledSquares.self, V.self)
      case .sumOfSquaredDeviations: Self.columns(SumOfSquaredDeviations.self, V.self)
      case .product: Self.columns(ProductOfAll.self, V.self)
      case .maximum: Self.columns(Largest.self, V.self)
      case .minimum: Self.columns(Smallest.self, V.self)
      case .largestMagnitude: Self.columns(LargestMagnitude.self, V.self)
      }
    }
    findExtremes = { largest, x, row, rows, columns, y in
      let x = x.assumingMemoryBound(to: V.Scalar.self)
      if largest {
        UnrollKernelTemplates.findExtremes(Largest.self, V.self, x, row, rows, columns, y)
      } else {
        UnrollKernelTemplates.findExtremes(Smallest.self, V.self, x, row, rows, columns, y)
      }
    }
    softmaxRows = { x, row, rows, columns, y in
      UnrollKernelTemplates.softmaxRows(
        V.self, x.assumingMemoryBound(to: V.Scalar.self), row, rows, columns, y.assumingMemoryBound(to: V.Scalar.self))
    }
    logSoftmaxRows = { x, row, rows, columns, y in
      UnrollKernelTemplates.logSoftmaxRows(
        V.self, x.assumingMemoryBound(to: V.Scalar.self), row, rows, columns, y.assumingMemoryBound(to: V.Scalar.self))
    }
    logSumExpRows = { x, row, rows, columns, y, scratch in
      UnrollKernelTemplates.logSumExpRows(
        V.self, x.assumingMemoryBound(to: V.Scalar.self), row, rows, columns, y.assumingMemoryBound(to: V.Scalar.self),
        scratch.assumingMemoryBound(to: V.Scalar.self))
    }
    accumulate = { x, n, inner, y in
      UnrollKernelTemplates.accumulate(
        V.self, x.assumingMemoryBound(to: V.Scalar.self), n, inner, y.assumingMemoryBound(to: V.Scalar.self))
    }
    squareRoots = { y, scales, count in
      takeRoots(
        y.assumingMemoryBound(to: V.Scalar.self), scales?.assumingMemoryBound(to: V.Scalar.self), count)
    }
    scales = { y, count in takeScales(y.assumingMemoryBound(to: V.Scalar.self), count) }
  }

  @inlinable @inline(__always)
  static func rows<F: UnrollKernelTemplates.Fold, V: Vector>(_: F.Type, _: V.Type) -> Fold {
    { x, row, rows, columns, parameters, divisor, y in
      UnrollKernelTemplates.foldRows(
        F.self, V.self, x.assumingMemoryBound(to: V.Scalar.self), row, rows, columns,
        parameters?.assumingMemoryBound(to: V.Scalar.self), V.Scalar(divisor), y.assumingMemoryBound(to: V.Scalar.self))
    }
  }

  @inlinable @inline(__always)
  static func columns<F: UnrollKernelTemplates.Fold, V: Vector>(_: F.Type, _: V.Type) -> Fold {
    { x, row, rows, columns, parameters, divisor, y in
      UnrollKernelTemplates.foldColumns(
        F.self, V.self, x.assumingMemoryBound(to: V.Scalar.self), row, rows, columns,
        parameters?.assumingMemoryBound(to: V.Scalar.self), V.Scalar(divisor), y.assumingMemoryBound(to: V.Scalar.self))
    }
  }
}
