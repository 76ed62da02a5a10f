import Synchronization
internal import UnrollKernelTemplates

extension Machine {
  /// Keeps what the loop computes, so that it is computed.
  private static let kept = Atomic(0)

  /// Does 24·count multiply-adds of vectors in registers and nothing else, on this thread: the limit for measurements.
  package static func multiplyAddOnly(_ type: ElementType, count: Int) {
    let result = kernels(for: type).products.multiplyAddOnly(count)
    kept.store(Int(result), ordering: .relaxed)
  }

  /// The floating-point operations of `multiplyAddOnly`.
  package static func multiplyAddFlops(_ type: ElementType, count: Int) -> Double {
    Double(48 * count * kernels(for: type).products.panelWidth / 2)
  }
}
