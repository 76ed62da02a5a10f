import Foundation

/// A copy of this process that does something and ends.
package enum ForkedProcess {
  package enum Status: Equatable {
    case exited(Int32)
    case signalled(Int32)
  }

  /// What the copy writes on standard output and standard error, and how it ends: with 0 where the body returns.
  package static func run(seconds: UInt32, bytes: UInt, _ body: () -> Void) -> (text: String, status: Status) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { return ("", .exited(-1)) }
    // What is printed and not yet written would be written by the copy too.
    fflush(nil)
    let child = fork()
    if child == 0 {
      close(ends[0])
      dup2(ends[1], 1)
      dup2(ends[1], 2)
      // Threads of a pool hold signals back, that of the clock among them.
      var none = sigset_t()
      sigemptyset(&none)
      pthread_sigmask(SIG_SETMASK, &none, nil)
      for number in [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV] { signal(number, SIG_DFL) }
      limit(core, 0)
      limit(space, bytes)
      alarm(seconds)
      body()
      _exit(0)
    }
    close(ends[1])
    var text: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = read(ends[0], &chunk, chunk.count)
      if count <= 0 { break }
      text += chunk[..<count]
    }
    close(ends[0])
    var status: Int32 = 0
    waitpid(child, &status, 0)
    let signal = status & 0x7F
    return (String(decoding: text, as: UTF8.self), signal == 0 ? .exited(status >> 8 & 0xFF) : .signalled(signal))
  }

  /// Ends the copy, with what it printed.
  package static func leave(_ code: Int32) -> Never {
    fflush(nil)
    _exit(code)
  }

  #if canImport(Darwin)
    private static let (core, space) = (RLIMIT_CORE, RLIMIT_AS)
  #else
    private static let core = __rlimit_resource_t(RLIMIT_CORE.rawValue)
    private static let space = __rlimit_resource_t(RLIMIT_AS.rawValue)
  #endif

  private static func limit(_ resource: Int32, _ value: UInt) {
    var limits = rlimit(rlim_cur: rlim_t(value), rlim_max: rlim_t(value))
    setrlimit(resource, &limits)
  }
}

/// The system's own, which Swift hides because threads do not survive it: the copy has only the one that called.
@_silgen_name("fork") private func fork() -> Int32
