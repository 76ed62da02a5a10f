#if arch(x86_64) && InstructionSets && (os(Linux) || os(macOS))
  public import UnrollKernelTemplates
  import UnrollKernelsPortable

  /// The kernels for x86-64-v4: vectors of 16 floats, 32 registers.
  public let avx512 = KernelTable(
    name: "avx512", SIMD16<Float>.self, SIMD8<Double>.self, rare: (portable.float32, portable.float64))
#endif
