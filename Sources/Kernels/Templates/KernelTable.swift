/// Every kernel at one vector width. Functions take raw memory; sizes and strides are in elements.
///
/// Each family has a file of its own that declares its functions and instantiates them for a width.
public struct KernelTable: Sendable {
  public let name: String
  public let float32: Kernels
  public let float64: Kernels
  public let random: RandomKernels
  public let masks: MaskKernels

  @inlinable @inline(__always)
  public init<Single: Vector, Double: Vector>(name: String, _ single: Single.Type, _ double: Double.Type) {
    self.name = name
    float32 = Kernels(single)
    float64 = Kernels(double)
    random = RandomKernels(single)
    masks = MaskKernels(single)
  }
}

/// The kernels of one element type. An object, as its larger families are: every operation asks for it, and a copy of so many
/// functions costs more than a small product.
public final class Kernels: Sendable {
  public let products: ProductKernels
  public let elements: ElementKernels
  public let reductions: ReductionKernels
  public let normalization: NormalizationKernels
  public let movement: MovementKernels
  public let gathering: GatherKernels

  @inlinable @inline(__always)
  public init<V: Vector>(_ vector: V.Type) {
    products = ProductKernels(vector)
    elements = ElementKernels(vector)
    reductions = ReductionKernels(vector)
    normalization = NormalizationKernels(vector)
    movement = MovementKernels(vector)
    gathering = GatherKernels(vector)
  }
}
