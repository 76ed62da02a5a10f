internal import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A wish that the program may end, as a question that long work asks between two steps, so that it can put things in order first:
/// Ctrl-C (SIGINT), the usual signal of `kill` and of a machine that shuts down (SIGTERM), and a terminal that goes away (SIGHUP).
enum Interruption {
  private static let request = Atomic<Int32>(0)

  /// The signal that asked for the end since it is listened to, or nil.
  static var signal: Int32? {
    let number = request.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  /// Whether one asked for it.
  static var isRequested: Bool { signal != nil }

  /// From now on the first of these signals is a request; a second one of the same kind ends the program as usual.
  static func listen() {
    // A signal handler may interrupt anything, so it must not allocate, take a lock or set up the variable. The variable is set up
    // here, before there is a handler; what is left to do then is to store into an atomic that needs no lock, and to call `signal`,
    // which POSIX lists among the functions that a handler may call.
    request.store(0, ordering: .relaxed)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      let before = systemSignal(number) { number in
        _ = systemSignal(number, SIG_DFL)
        Interruption.request.store(number, ordering: .relaxed)
      }
      // Whoever started the program with nohup wants it to go on when the terminal goes away.
      if number == SIGHUP, isIgnored(before) { _ = systemSignal(number, SIG_IGN) }
    }
  }

  private static func isIgnored(_ handler: Handler?) -> Bool {
    unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}

private typealias Handler = @convention(c) (Int32) -> Void

// Under a name of its own, because the member hides that of the system.
private func systemSignal(_ number: Int32, _ handler: Handler?) -> Handler? { signal(number, handler) }

/// Work was stopped by a signal, with everything in order.
struct Interrupted: Error, CustomStringConvertible {
  let description: String
  /// Which one it was.
  let signal: Int32

  init(description: String) {
    self.description = description
    signal = Interruption.signal ?? SIGINT
  }
}
