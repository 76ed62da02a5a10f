import UnrollArrays
import UnrollKernelTemplates

/// Elementwise functions of a million numbers between −4 and 4, written to an existing array; and of few numbers, where the
/// overhead of a call dominates.
struct ElementCases {
  static let functions: [(String, UnaryOperation)] = [("sigmoid", .sigmoid), ("tanh", .tanh), ("exp", .exp)]

  static func million(_ type: ElementType, _ group: String, into report: inout Report) {
    let n = 1_000_000
    let x = noise([n], type, seed: 1) * 4
    let y = x + 1
    var out = x + 0
    for (name, operation) in functions {
      report.add(group, name, measured(n, report) { NDArray.map(operation, x, into: &out) })
    }
    report.add(group, "add", measured(n, report) { NDArray.combine(.addition, x, y, into: &out) })
  }

  static func small(into report: inout Report) {
    for n in [1, 16, 64] {
      let x = noise([n], .float32, seed: 1)
      let y = noise([n], .float32, seed: 2)
      var out = x + 0
      report.add(
        "elem_small", "add_\(n)", measured(1000, report) { for _ in 0..<1000 { NDArray.combine(.addition, x, y, into: &out) } })
      report.add("elem_small", "add_new_\(n)", measured(1000, report) { for _ in 0..<1000 { out = x + y } })
      report.add("elem_small", "tanh_\(n)", measured(1000, report) { for _ in 0..<1000 { NDArray.map(.tanh, x, into: &out) } })
    }
  }

  private static func measured(_ count: Int, _ report: Report, _ work: () -> Void) -> Measurement {
    var measurement = report.measure(budget: 0.5, work)
    measurement.figures = [("ns_each", measurement.median / Double(count) * 1e9)]
    return measurement
  }
}
