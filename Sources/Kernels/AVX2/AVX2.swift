#if arch(x86_64) && InstructionSets && (os(Linux) || os(macOS))
  public import UnrollKernelTemplates
  import UnrollKernelsPortable

  /// The kernels for x86-64-v3: vectors of 8 floats, fused multiply-add.
  public let avx2 = KernelTable(name: "avx2", SIMD8<Float>.self, SIMD4<Double>.self, rare: (portable.float32, portable.float64))
#endif
