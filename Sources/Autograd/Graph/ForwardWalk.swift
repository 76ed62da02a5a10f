internal import UnrollArrays

/// Tangents on their way up from labelled tensors to results, through the graph that the results recorded.
enum ForwardWalk {
  /// The tangents of some results along those of the targets; nil where a result does not depend on them.
  static func tangents(_ traversal: Traversal, _ results: [Edge?], along seeds: [[Tensor?]]) -> [Tensor?] {
    var tangents: [[Tensor?]] = Array(repeating: [], count: traversal.nodes.count)
    for (position, node) in traversal.nodes.enumerated() {
      let marks = traversal.marks(at: position)
      if marks.contains(.target), let target = traversal.target(node) {
        tangents[position] = seeds[target]
        continue
      }
      guard marks.contains(.reaches) else { continue }
      let below = node.inputs.map { input -> Tensor? in
        guard let source = input.source else { return nil }
        let arrived = tangents[traversal.position(of: source.node)]
        return arrived.isEmpty ? nil : arrived[source.slot]
      }
      if below.allSatisfy({ $0 == nil }) { continue }
      let context = Context(node: node, walk: traversal, position: position)
      let above = node.operation.pushforward(below, context)
      require(
        above.count == node.outputShapes.count,
        "\(node.operation.name): its pushforward returned \(above.count) tangents for \(node.outputShapes.count) results")
      tangents[position] = above.enumerated().map { slot, tangent in
        tangent?.spread(to: node.outputShapes[slot], of: node.operation)
      }
    }
    return results.map { edge in
      guard let edge else { return nil }
      let arrived = tangents[traversal.position(of: edge.node)]
      return arrived.isEmpty ? nil : arrived[edge.slot]
    }
  }
}
