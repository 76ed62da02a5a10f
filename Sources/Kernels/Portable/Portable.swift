public import UnrollKernelTemplates

/// The kernels at the width that every machine of this architecture has.
public let portable = KernelTable(
  name: "portable", SIMD4<Float>.self, SIMD2<Double>.self)
