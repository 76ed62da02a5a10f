#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A process that forks goes on in a child with one thread and copies of all locks. The locks are free at that moment, and the child
/// starts workers of its own.
enum Fork {
  /// Whether the system calls what follows at every fork; registered at first use.
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
