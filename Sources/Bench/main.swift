#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

if let first = CommandLine.arguments.firstIndex(of: "--accuracy") {
  if !accuracyCommand(Array(CommandLine.arguments.dropFirst(first + 1))) { exit(1) }
}
