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
  /// A table of all parts and their parameters: types, shapes, numbers of elements and bytes. A part's numbers are those of all
  /// that is in it. Below are the sum, and how many of all numbers are frozen, if any.
  ///
  ///     let network = Sequential(Linear(3, 4, using: &generator), Activation.tanh)
  ///     print(network.summary)
  ///     // part             shape   numbers  memory
  ///     // Sequential                    16    64 B
  ///     //   0: Linear                   16    64 B
  ///     //     weight       [3, 4]       12    48 B
  ///     //     bias         [4]           4    16 B
  ///     //   1: Activation                0     0 B
  ///     // all                           16    64 B
  public var summary: String {
    var copy = self
    let table = SummaryTable("\(Self.self)")
    copy.visit(Visitor(path: "", taker: table) { table.add($0, $1) })
    return table.text
  }
}

/// Collects a line for each part and each parameter in the order of the visit.
private final class SummaryTable: PartTaker {
  private struct Line {
    let path: String
    let text: String
    let shape: String
    var numbers = 0
    var bytes = 0
  }

  private var lines: [Line]
  private var frozen = (numbers: 0, bytes: 0)
  /// The parts around what is being visited, from the outermost on.
  private var around = [0]

  init(_ type: String) { lines = [Line(path: "", text: type, shape: "")] }

  func takes<Part: Module>(_ part: inout Part, named name: String) -> Bool {
    let place = enter(name)
    around.append(lines.count)
    lines.append(Line(path: name + ".", text: "\(place): \(Part.self)", shape: ""))
    return false
  }

  func add(_ name: String, _ tensor: Tensor) {
    let place = enter(name)
    let bytes = tensor.count * tensor.type.size
    for part in around {
      lines[part].numbers += tensor.count
      lines[part].bytes += bytes
    }
    lines.append(Line(path: name, text: place, shape: "\(tensor.shape)", numbers: tensor.count, bytes: bytes))
    if tensor.isFrozen { frozen = (frozen.numbers + tensor.count, frozen.bytes + bytes) }
  }

  /// Leaves the parts to which the name does not belong. Returns what the innermost of the others calls it, indented.
  private func enter(_ name: String) -> String {
    while around.count > 1, !name.hasPrefix(lines[around[around.count - 1]].path) { around.removeLast() }
    let outer = lines[around[around.count - 1]].path
    return String(repeating: "  ", count: around.count) + name.dropFirst(outer.count)
  }

  var text: String {
    let all = Line(path: "", text: "all", shape: "", numbers: lines[0].numbers, bytes: lines[0].bytes)
    let rest = Line(path: "", text: "frozen", shape: "", numbers: frozen.numbers, bytes: frozen.bytes)
    let rows = (lines + [all] + (frozen.numbers > 0 ? [rest] : [])).map { line in
      [line.text, line.shape, "\(line.numbers)", SummaryTable.bytes(line.bytes)]
    }
    let cells = [["part", "shape", "numbers", "memory"]] + rows
    let widths = (0..<4).map { column in cells.map { $0[column].count }.max() ?? 0 }
    return cells.map { row in
      row.enumerated().map { i, cell in
        let gap = String(repeating: " ", count: widths[i] - cell.count)
        return i < 2 ? cell + gap : gap + cell
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }

  private static func bytes(_ count: Int) -> String {
    if count < 10_000 { return "\(count) B" }
    return count < 10_000_000 ? "\((count + 500) / 1000) kB" : "\((count + 500_000) / 1_000_000) MB"
  }
}
