import Unroll

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

do {
  try show(Request(CommandLine.arguments.dropFirst()))
  // What is printed goes out at the end at the latest; whoever stored it in a file that is full should know.
  try flushStandardOutput()
} catch {
  writeToStandardError("unroll-examples: \(error)\n")
  exit(2)
}
