internal import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Ctrl-C as a question that long work asks between two steps, so that it can put things in order first.
enum Interruption {
  private static let flag = Atomic(false)

  /// Whether Ctrl-C was pressed since it is listened to.
  static var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// From now on the first Ctrl-C is a request; the second ends the program as usual.
  static func listen() {
    // A signal handler may interrupt anything, so it must not allocate, take a lock or set up the flag. The flag is set up here, before
    // there is a handler; what is left to do then is to store into an atomic that needs no lock, and to call `signal`, which
    // POSIX lists among the functions that a handler may call.
    flag.store(false, ordering: .relaxed)
    _ = signal(SIGINT) { _ in
      _ = signal(SIGINT, SIG_DFL)
      Interruption.flag.store(true, ordering: .relaxed)
    }
  }
}

/// Work was stopped by Ctrl-C, with everything in order.
struct Interrupted: Error, CustomStringConvertible {
  let description: String
}
