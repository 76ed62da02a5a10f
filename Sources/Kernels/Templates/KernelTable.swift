/// Every kernel at one vector width. Kernels take raw memory; sizes and strides count elements.
///
/// Each family has its own file, which declares its kernels and instantiates them for a width.
public struct KernelTable: Sendable {
  public let name: String
  public let float32: Kernels
  public let float64: Kernels
  public let random: RandomKernels
  public let masks: MaskKernels

  @inlinable @inline(__always)
  public init<Single: Vector, Double: Vector>(name: String, _ single: Single.Type, _ double: Double.Type) {
    self.name = name
    float32 = Kernels(single, ElementKernels(single))
    float64 = Kernels(double, ElementKernels(double))
    random = RandomKernels(single)
    masks = MaskKernels(single)
  }

  /// A table whose rare functions are those of another, so that they are compiled once.
  @inlinable @inline(__always)
  public init<Single: Vector, Double: Vector>(
    name: String, _ single: Single.Type, _ double: Double.Type, rare others: (Kernels, Kernels)
  ) {
    self.name = name
    float32 = Kernels(single, ElementKernels(single, rare: others.0))
    float64 = Kernels(double, ElementKernels(double, rare: others.1))
    random = RandomKernels(single)
    masks = MaskKernels(single)
  }
}

/// The kernels of one element type. A class, like its larger families: every operation reads it, and copying this many closures
/// would cost more than a small product.
public final class Kernels: Sendable {
  public let products: ProductKernels
  public let elements: ElementKernels
  public let reductions: ReductionKernels
  public let normalization: NormalizationKernels
  public let movement: MovementKernels
  public let gathering: GatherKernels
  public let recurrences: RecurrenceKernels

  @inlinable @inline(__always)
  init<V: Vector>(_ vector: V.Type, _ elements: ElementKernels) {
    products = ProductKernels(vector)
    self.elements = elements
    reductions = ReductionKernels(vector)
    normalization = NormalizationKernels(vector)
    movement = MovementKernels(vector)
    gathering = GatherKernels(vector)
    recurrences = RecurrenceKernels(vector)
  }
}
