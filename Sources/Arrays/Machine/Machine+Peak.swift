import Synchronization
internal import UnrollKernelTemplates

extension Machine {
  /// Stores the result of the loop, so that it is not optimised away.
  private static let kept = Atomic(0)

  /// Runs 24 · count multiply-adds of vectors in registers and nothing else, on this thread: the peak that measurements compare
  /// with.
  package static func multiplyAddOnly(_ type: ElementType, count: Int) {
    let result = kernels(for: type).products.multiplyAddOnly(count)
    kept.store(Int(result), ordering: .relaxed)
  }

  /// The number of floating-point operations of `multiplyAddOnly`.
  package static func multiplyAddFlops(_ type: ElementType, count: Int) -> Double {
    Double(48 * count * kernels(for: type).products.panelWidth / 2)
  }
}
