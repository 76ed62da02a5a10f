#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Handlers for `fork`. A child process has one thread and copies of all locks: the handlers hold the locks during the fork,
/// release them on both sides, and let the child start workers of its own.
enum Fork {
  /// Whether the handlers are registered, which happens at first use.
  static let isPrepared =
    pthread_atfork(
      {
        Workers.shared.prepareFork()
        MemoryPool.prepareFork()
      },
      {
        MemoryPool.finishFork()
        Workers.shared.finishFork()
      },
      {
        MemoryPool.finishFork()
        Workers.shared.startAnew()
      }) == 0
}
