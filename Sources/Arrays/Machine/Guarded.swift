import Synchronization
internal import UnrollKernelTemplates

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#elseif canImport(WASILibc)
  import WASILibc
#else
  import Darwin
#endif

/// A value behind a lock that is held for a handful of instructions, such as taking a block from a list.
///
/// Waiting threads spin, and yield in case the holder has been interrupted. `Synchronization.Mutex` would do, but the thread
/// sanitizer cannot see into it and reports every use as a race.
package final class Guarded<Value: Sendable>: Sendable {
  private let held = Atomic(false)
  /// Accessed only by the thread that set `held`, so exclusivity need not be checked.
  @exclusivity(unchecked) private nonisolated(unsafe) var value: Value

  package init(_ value: Value) { self.value = value }

  package func withLock<R>(_ body: (inout Value) -> R) -> R {
    hold()
    defer { held.store(false, ordering: .releasing) }
    return body(&value)
  }

  /// Takes the lock until `letGo`. For a fork: otherwise the child might find it held by a thread that it does not have.
  func hold() {
    var looks = 0
    while !held.weakCompareExchange(expected: false, desired: true, ordering: .acquiring).exchanged {
      looks += 1
      if looks % 100 == 0 { sched_yield() } else { spinHint() }
    }
  }

  /// Releases the lock after a last change.
  func letGo(_ change: (inout Value) -> Void = { _ in }) {
    change(&value)
    held.store(false, ordering: .releasing)
  }
}
