/// Elementwise functions at one width.
///
/// A function looks the kernel of an operation up; an array of kernels would not do, since it brings in the standard library's
/// generic code, compiled for one instruction set, under a symbol that all widths share.
public struct ElementKernels: Sendable {
  public let unary: @Sendable (UnaryOperation) -> UnaryKernel
  public let binary: @Sendable (BinaryOperation) -> BinaryKernel
  public let comparison: @Sendable (ComparisonOperation) -> ComparisonKernel
  public let selection: SelectionKernel
  public let ternary: @Sendable (TernaryOperation) -> TernaryKernel
  public let combination: @Sendable (CombinationOperation) -> CombinationKernel
  public let quotientStep: @Sendable (_ takesRoot: Bool) -> QuotientStepKernel

  /// All functions at one width.
  @inlinable @inline(__always)
  public init<V: Vector>(_ vector: V.Type) {
    self.init(
      vector, unary: { UnaryKernel(vector, $0, rare: { UnaryKernel(vector, rare: $0) }) },
      binary: { BinaryKernel(vector, $0, rare: { _ in BinaryKernel(vector, Power.self) }) })
  }

  /// The functions in which training spends time at one width, and the others as another table has them.
  @inlinable @inline(__always)
  public init<V: Vector>(_ vector: V.Type, rare others: Kernels) {
    self.init(
      vector, unary: { UnaryKernel(vector, $0, rare: others.elements.unary) },
      binary: { BinaryKernel(vector, $0, rare: others.elements.binary) })
  }

  @inlinable @inline(__always)
  init<V: Vector>(
    _ vector: V.Type, unary: @escaping @Sendable (UnaryOperation) -> UnaryKernel,
    binary: @escaping @Sendable (BinaryOperation) -> BinaryKernel
  ) {
    self.unary = unary
    self.binary = binary
    comparison = { ComparisonKernel(vector, $0) }
    selection = SelectionKernel(vector)
    ternary = { TernaryKernel(vector, $0) }
    combination = { CombinationKernel(vector, $0) }
    quotientStep = { QuotientStepKernel(vector, takesRoot: $0) }
  }
}
