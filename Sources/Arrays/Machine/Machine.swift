package import UnrollKernelTemplates
import UnrollKernelsPortable

#if arch(x86_64) && InstructionSets
  import UnrollKernelsAVX2
  import UnrollKernelsAVX512
#endif

/// The machine this process runs on: which kernels fit it.
public enum Machine {
  /// The kernel tables that this machine can run, narrowest first.
  package static let availableTables: [KernelTable] = {
    #if arch(x86_64) && InstructionSets
      [portable, avx2, avx512]
    #else
      [portable]
    #endif
  }()

  /// The kernels that arrays use.
  static let table: KernelTable = availableTables[availableTables.count - 1]

  static func kernels(for type: ElementType) -> Kernels {
    type == .float32 ? table.float32 : table.float64
  }
}
