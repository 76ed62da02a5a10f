public import UnrollKernelTemplates

/// The kernels at the baseline width of the architecture.
public let portable = KernelTable(
  name: "portable", SIMD4<Float>.self, SIMD2<Double>.self)
