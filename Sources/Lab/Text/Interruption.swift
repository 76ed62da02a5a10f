internal import Synchronization

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

/// A request to end the program, which long work checks between steps so that it can save its state first. The signals are
/// Ctrl-C (SIGINT), the default of `kill` and of a system shutdown (SIGTERM), and the loss of the terminal (SIGHUP).
enum Interruption {
  private static let request = Atomic<Int32>(0)

  /// The signal that requested the end since `listen` was called, or nil.
  static var signal: Int32? {
    let number = request.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  /// Whether a signal requested the end.
  static var isRequested: Bool { signal != nil }

  /// Turns the first of these signals into a request; a second one of the same kind ends the program as usual.
  static func listen() {
    // A signal handler may interrupt anything, so it must not allocate, take a lock or initialise the global variable. The
    // variable is therefore initialised here, before a handler is installed. The handler only stores into a lock-free atomic
    // and calls `signal`, which POSIX lists as safe in handlers.
    request.store(0, ordering: .relaxed)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      let before = systemSignal(number) { number in
        _ = systemSignal(number, SIG_DFL)
        Interruption.request.store(number, ordering: .relaxed)
      }
      // A program that was started with nohup must survive the loss of the terminal.
      if number == SIGHUP, isIgnored(before) { _ = systemSignal(number, SIG_IGN) }
    }
  }

  private static func isIgnored(_ handler: Handler?) -> Bool {
    unsafe unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}

private typealias Handler = @convention(c) (Int32) -> Void

// A separate name, because the member hides the system's function.
private func systemSignal(_ number: Int32, _ handler: Handler?) -> Handler? { signal(number, handler) }

/// The error of work that was stopped by a signal after saving its state.
struct Interrupted: Error, CustomStringConvertible {
  let description: String
  /// The signal.
  let signal: Int32

  init(description: String) {
    self.description = description
    signal = Interruption.signal ?? SIGINT
  }
}
