#if canImport(Darwin)
  // `stdout` is declared as a variable, but is never assigned after the start.
  @preconcurrency import Darwin
#elseif canImport(Glibc)
  // Likewise.
  @preconcurrency import Glibc
#elseif canImport(Musl)
  // Likewise.
  @preconcurrency import Musl
#endif

/// Flushes standard output and returns whether everything printed so far was written.
///
/// Only standard output: flushing all streams would take all locks, and a thread that waits for a line of input holds one.
package func flushPrinted() -> Bool { fflush(stdout) == 0 && ferror(stdout) == 0 }
