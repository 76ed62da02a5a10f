import Foundation
import Testing

/// Where the sources step outside of what the compiler can check, about sharing between threads or about a function's declaration, or
/// name its own operations: here by name, there with a reason.
@Suite struct EscapeHatchTests {
  private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Sources").standardizedFileURL

  private static let known: Set = [
    "Arrays/Array/View.swift: storage",
    "Files/Bytes/Bytes.swift: storage",
    "Arrays/Products/PackedMatrix.swift: storage",
    "Arrays/Machine/Guarded.swift: value",
    "Arrays/Machine/CurrentThread.swift: notes",
    "Arrays/Machine/Process.swift: Darwin",
    "Arrays/Machine/Process.swift: Glibc",
    "Arrays/Machine/Process.swift: Musl",
    "Arrays/Machine/Process.swift: Android",
    "Arrays/Machine/Process.swift: WASILibc",
    "Arrays/Machine/Workers.swift: body",
    "Arrays/Machine/Workers.swift: mutex",
    "Arrays/Machine/Workers.swift: condition",
    "Autograd/Graph/Arrivals.swift: array",
    "Autograd/Graph/Node.swift: inputs",
    "Kernels/Templates/Instructions.swift: Builtin",
    "Kernels/Templates/Hints.swift: @_silgen_name(\"llvm.prefetch.p0\")",
    "Kernels/Templates/Hints.swift: @_silgen_name(\"llvm.x86.sse2.pause\")",
    "Kernels/Templates/Hints.swift: @_silgen_name(\"llvm.aarch64.hint\")",
  ]

  private static let words = [
    "nonisolated(unsafe)", "@unchecked", "@preconcurrency", "exclusivity(unchecked)", "assumeIsolated", "@_silgen_name",
    "@_extern", "import Builtin",
  ]

  @Test func allAreKnownAndExplained() throws {
    var found: Set<String> = []
    let root = EscapeHatchTests.sources.path
    for path in try FileManager.default.subpathsOfDirectory(atPath: root) where path.hasSuffix(".swift") {
      let text = try String(contentsOfFile: root + "/" + path, encoding: .utf8)
      // Few files hold any; a search for plain words skips the others a hundred times faster than expressions do, line by line.
      if !EscapeHatchTests.words.contains(where: { text.contains($0) }) { continue }
      var isExplained = false
      for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
        let words = line.drop { $0 == " " }
        if words.hasPrefix("//") {
          isExplained = true
        } else if let name = hatch(words) {
          found.insert("\(path): \(name)")
          #expect(isExplained, "\(path) does not say why \(name) may be so")
        } else {
          isExplained = false
        }
      }
    }
    #expect(found == EscapeHatchTests.known)
  }

  /// What a line declares outside of the rules; nil for all other lines.
  private func hatch(_ line: Substring) -> String? {
    let sharing = /nonisolated\(unsafe\)|@unchecked|@preconcurrency|exclusivity\(unchecked\)|assumeIsolated|import Builtin/
    guard line.contains(sharing) || line.contains(/@_silgen_name|@_extern/) else { return nil }
    let name = line.firstMatch(of: /(?:let|var|struct|class|extension|import) (?<name>\w+)/)?.name
    return String(name ?? line)
  }
}
