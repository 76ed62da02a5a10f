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
} catch {
  writeToStandardError("unroll-examples: \(error)\n")
  exit(2)
}
