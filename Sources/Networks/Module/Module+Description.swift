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
