internal import UnrollArrays

/// The recorded operations that computed a tensor.
public struct RecordedGraph: Sendable, CustomStringConvertible {
  private let nodes: [Node]
  private let numbers: [ObjectIdentifier: Int]

  init(below tensor: Tensor) {
    nodes = Traversal(below: [tensor], targets: []).nodes
    numbers = Dictionary(uniqueKeysWithValues: nodes.enumerated().map { (ObjectIdentifier($1), $0) })
  }

  /// The number of operations.
  public var count: Int { nodes.count }

  /// One line per operation, inputs first: number, name, shapes, and the numbers of the inputs.
  public var description: String {
    nodes.enumerated().map { number, node in
      let inputs = (0..<node.inputs.count).map { i in node.inputs[i].map { "#\(self.number($0))" } ?? "\(node.inputShape(i))" }
      return "#\(number) \(title(node))\(shapes(node))" + (inputs.isEmpty ? "" : " of " + inputs.joined(separator: ", "))
    }.joined(separator: "\n")
  }

  /// The same as a drawing, in the language of Graphviz's `dot`.
  public var graphviz: String {
    var lines = ["digraph {", "  node [shape=box, fontname=\"sans-serif\"]"]
    for (number, node) in nodes.enumerated() {
      lines.append("  n\(number) [label=\"\(title(node))\\n\(shapes(node))\"]")
      for i in 0..<node.inputs.count {
        if let source = node.inputs[i] { lines.append("  n\(self.number(source)) -> n\(number)") }
      }
    }
    return (lines + ["}"]).joined(separator: "\n")
  }

  private func number(_ edge: Edge) -> Int { numbers[ObjectIdentifier(edge.node)] ?? -1 }
  private func title(_ node: Node) -> String { node.operation.name }
  private func shapes(_ node: Node) -> String {
    (0..<node.outputCount).map { "\(node.outputShape($0))" }.joined(separator: " ")
  }
}

extension Tensor {
  /// The recorded operations that computed this tensor.
  ///
  ///     _ = gradient(at: Tensor([1, 2])) { x in
  ///       let y = (x * x).sum()
  ///       print(y.recordedGraph)
  ///       return y
  ///     }
  public var recordedGraph: RecordedGraph { RecordedGraph(below: self) }
}
