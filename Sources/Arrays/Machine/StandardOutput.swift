#if canImport(Darwin)
  // `stdout` is declared as a variable and never set after the start.
  @preconcurrency import Darwin
#elseif canImport(Glibc)
  // Likewise.
  @preconcurrency import Glibc
#elseif canImport(Musl)
  // Likewise.
  @preconcurrency import Musl
#endif

/// Hands on what was printed and is still kept back, and says whether everything ever printed was taken.
///
/// Of standard output alone: all streams would be all locks, and a thread that waits for a line of input holds one.
package func flushPrinted() -> Bool { fflush(stdout) == 0 && ferror(stdout) == 0 }
