#if canImport(Darwin)
  // `stdout` is declared as a variable, but is never assigned after the start.
  @preconcurrency import Darwin
#elseif canImport(Glibc)
  // Likewise.
  @preconcurrency import Glibc
#elseif canImport(Musl)
  // Likewise.
  @preconcurrency import Musl
#elseif canImport(Android)
  // Likewise.
  @preconcurrency import Android
#elseif canImport(WASILibc)
  // Likewise.
  @preconcurrency import WASILibc
#endif

/// The environment of the process.
package enum Environment {
  package static func value(_ name: String) -> String? {
    guard let text = getenv(name) else { return nil }
    return String(cString: text)
  }

  /// Writes a sentence to standard error: at most 400 characters, with control characters replaced by question marks.
  package static func complain(_ sentence: String) {
    let printable = sentence.unicodeScalars.prefix(400).map { $0.value < 32 || $0.value == 127 ? "?" : String($0) }
    var line = "unroll: " + printable.joined() + "\n"
    line.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
  }

  /// The text of a small file such as those in /proc; nil where it cannot be read.
  package static func text(ofFile path: String, limit: Int = 1 << 20) -> String? {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    while bytes.count < limit {
      let chunk = [UInt8](unsafeUninitializedCapacity: 65536) { buffer, count in
        count = max(0, read(descriptor, buffer.baseAddress, 65536))
      }
      if chunk.isEmpty { break }
      bytes += chunk
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Ends the program with one sentence, in release builds too (`precondition` prints nothing there). Standard output is flushed
/// first.
///
/// The message names the library instead of a file and a line, since the location of a check inside the library would mislead.
/// The sentence names the operation and its values. The backtrace that debug builds print contains the caller's line, for
/// operators and layers alike.
@inline(never)
package func stop(_ sentence: String) -> Never {
  _ = flushPrinted()
  fatalError(sentence, file: "Unroll", line: 0)
}

/// Stops with a sentence unless the condition holds. The sentence names the operation and the values that disagree.
@inline(__always)
package func require(_ condition: Bool, _ sentence: @autoclosure () -> String) {
  if !condition { stop(sentence()) }
}

/// Flushes standard output and returns whether everything printed so far was written.
///
/// Only standard output: flushing all streams would take all locks, and a thread that waits for a line of input holds one.
package func flushPrinted() -> Bool { fflush(stdout) == 0 && ferror(stdout) == 0 }

/// Handlers for `fork`. A child process has one thread and copies of all locks: the handlers hold the locks during the fork,
/// release them on both sides, and let the child start workers of its own.
enum Fork {
  /// Whether the handlers are registered, which happens at first use.
  #if os(WASI)
    static let isPrepared = true  // there is nothing to fork
  #else
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
  #endif
}
