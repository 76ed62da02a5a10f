/// A reduction of many numbers to one, by name.
public enum Reduction: Int, Sendable, CaseIterable {
  case sum, sumOfMagnitudes, sumOfScaledSquares, sumOfSquaredDeviations, product, maximum, minimum, largestMagnitude

  /// The result where there are no elements.
  public var identity: Double {
    switch self {
    case .sum, .sumOfMagnitudes, .sumOfScaledSquares, .sumOfSquaredDeviations, .largestMagnitude: 0
    case .product: 1
    case .maximum: -.infinity
    case .minimum: .infinity
    }
  }

  /// What combines the reductions of parts.
  public var ofParts: Reduction {
    switch self {
    case .sum, .sumOfMagnitudes, .sumOfScaledSquares, .sumOfSquaredDeviations: .sum
    case .product, .maximum, .minimum: self
    case .largestMagnitude: .maximum
    }
  }
}

/// Reductions at one width. Every result is a function of its own elements in their order: how the work is split among
/// calls changes no bit.
public struct ReductionKernels: Sendable {
  public typealias Fold =
    @Sendable (
      _ x: UnsafeRawPointer, _ row: Int, _ rows: Int, _ columns: Int, _ parameters: UnsafeRawPointer?, _ divisor: Double,
      _ y: UnsafeMutableRawPointer
    ) -> Void

  /// For each reduction, each row of contiguous elements to one number, divided; `parameters` has one for each row.
  public let foldRows: [Fold]
  /// For each reduction, all rows to one row, divided; `parameters` has one for each column.
  public let foldColumns: [Fold]

  @inlinable @inline(__always)
  public init<V: Vector>(_ vector: V.Type) {
    foldRows = [
      Self.rows(Sum.self, V.self), Self.rows(SumOfMagnitudes.self, V.self), Self.rows(SumOfScaledSquares.self, V.self),
      Self.rows(SumOfSquaredDeviations.self, V.self), Self.rows(ProductOfAll.self, V.self), Self.rows(Largest.self, V.self),
      Self.rows(Smallest.self, V.self), Self.rows(LargestMagnitude.self, V.self),
    ]
    foldColumns = [
      Self.columns(Sum.self, V.self), Self.columns(SumOfMagnitudes.self, V.self),
      Self.columns(SumOfScaledSquares.self, V.self), Self.columns(SumOfSquaredDeviations.self, V.self),
      Self.columns(ProductOfAll.self, V.self), Self.columns(Largest.self, V.self), Self.columns(Smallest.self, V.self),
      Self.columns(LargestMagnitude.self, V.self),
    ]
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
