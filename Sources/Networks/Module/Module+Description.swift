internal import UnrollArrays
internal import UnrollAutograd

extension Module {
  /// The model's type, its parts and the shapes of its parameters; the numbers are omitted.
  ///
  ///     print(Linear(3, 4, using: &generator))  // Linear of 16 numbers, and a line for the weight and for the bias
  public var description: String {
    var copy = self
    let parts = PartLines()
    copy.visit(
      Visitor(path: "", taker: parts) { name, tensor in parts.lines.append("  \(name) \(tensor.shape) \(tensor.type)") })
    return (["\(Self.self) of \(parameterCount) numbers"] + parts.lines).joined(separator: "\n")
  }
}

/// Collects the type of each part in the order of the visit.
private final class PartLines: PartTaker {
  var lines: [String] = []

  func takes<Part: Module>(_ part: inout Part, named name: String) -> Bool {
    lines.append("  \(name): \(Part.self)")
    return false
  }
}

extension Module {
  /// A table of all parameters with their names, shapes, numbers of elements and bytes.
  ///
  ///     print(Linear(3, 4, using: &generator).summary)
  public var summary: String {
    let rows = parameters.map { name, tensor in
      [name, "\(tensor.shape)", "\(tensor.count)", Self.bytes(tensor.count * tensor.type.size)]
    }
    let total = parameters.reduce(0) { $0 + $1.tensor.count * $1.tensor.type.size }
    let all = [["parameter", "shape", "numbers", "memory"]] + rows + [["all", "", "\(parameterCount)", Self.bytes(total)]]
    let widths = (0..<4).map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { row in
      let cells = row.enumerated().map { i, cell in
        let gap = String(repeating: " ", count: widths[i] - cell.count)
        return i < 2 ? cell + gap : gap + cell
      }
      return cells.joined(separator: "  ")
    }.joined(separator: "\n")
  }

  private static func bytes(_ count: Int) -> String {
    if count < 10_000 { return "\(count) B" }
    return count < 10_000_000 ? "\((count + 500) / 1000) kB" : "\((count + 500_000) / 1_000_000) MB"
  }
}
