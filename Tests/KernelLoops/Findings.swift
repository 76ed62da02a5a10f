internal import UnrollKernelTemplates

/// What checks of kernels have compared, and the first sentences about what was wrong.
public final class Findings {
  public private(set) var comparisons = 0
  public private(set) var mistakes: [String] = []

  public init() {}

  func note(_ holds: Bool, _ sentence: () -> String) {
    comparisons += 1
    if !holds && mistakes.count < 10 { mistakes.append(sentence()) }
  }
}

/// Kernels of one table beside plain loops. Written in what Embedded Swift has, so that the same source runs as a program of its own on
/// a processor that has no package: `.ci/arm64` does so.
protocol KernelLoops {
  var table: KernelTable { get }
  var findings: Findings { get }
}

extension KernelLoops {
  func expect(_ holds: Bool, _ sentence: @autoclosure () -> String = "a result differs") { findings.note(holds, sentence) }
}

extension KernelScalar {
  /// The element type in a sentence.
  static var label: String { Self.self == Float.self ? "float32" : "float64" }
}
