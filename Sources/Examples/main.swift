import Unroll

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

do {
  try show(Request(CommandLine.arguments.dropFirst()))
  // Output may still be buffered; flushing reports a write error, such as a full disk.
  try flushStandardOutput()
} catch {
  writeToStandardError("unroll-examples: \(error)\n")
  exit(2)
}
