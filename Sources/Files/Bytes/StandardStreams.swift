internal import UnrollArrays

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#elseif canImport(WASILibc)
  import WASILibc
#endif

/// Writes a text to standard error, ignoring failures.
package func writeToStandardError(_ text: String) {
  var bytes = Array(text.utf8)[...]
  while !bytes.isEmpty {
    let count = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    if count < 0 && errno != EINTR { return }
    bytes = bytes.dropFirst(max(0, count))
  }
}

/// Writes all of a text to standard output, after flushing earlier output; throws on failure.
package func writeToStandardOutput(_ text: String) throws(ArrayFileError) {
  try flushStandardOutput()
  do throws(ArrayFileError) {
    try pass(
      Array(text.utf8),
      to: { (bytes) throws(ArrayFileError) in
        try append(bytes, at: 0, to: STDOUT_FILENO, "standard output", .system)
      })
  } catch {
    // The offset of the failure would mean nothing to a reader of the message.
    throw ArrayFileError(error.kind, error.reason, file: error.file)
  }
}

/// Flushes standard output; throws on failure.
package func flushStandardOutput() throws(ArrayFileError) {
  errno = 0
  if !flushPrinted() { throw .system(errno == 0 ? EIO : errno, "standard output") }
}

/// Whether a terminal interprets escape sequences: `dumb` ones do not.
package func showsEscapes(isTerminal: Bool, type: String?) -> Bool {
  isTerminal && !(type ?? "").isEmpty && type != "dumb"
}

/// Whether standard error is a terminal that interprets escape sequences.
package var standardErrorShowsEscapes: Bool {
  showsEscapes(isTerminal: isatty(STDERR_FILENO) == 1, type: Environment.value("TERM"))
}

/// The width of the terminal on standard error, in characters; nil if it is none or does not tell.
package var standardErrorColumns: Int? {
  var size = winsize()
  return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : nil
}

/// Seconds since the beginning of 1970, by the system's clock.
package func secondsSince1970() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}

/// Seconds on a clock that only moves forward.
package func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}
