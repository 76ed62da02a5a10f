internal import UnrollArrays

/// Forward mode: carries tangents from labelled tensors to results, through the recorded graph.
enum ForwardWalk {
  /// The tangents of some results along those of the targets; nil where a result does not depend on them.
  static func tangents(_ traversal: Traversal, _ results: [Edge?], along seeds: [[Tensor?]]) -> [Tensor?] {
    let survey = traversal.survey
    var tangents: [[Tensor?]] = Array(repeating: [], count: traversal.nodes.count)
    for (position, node) in traversal.nodes.enumerated() {
      let marks = survey.marks(at: position)
      if marks.contains(.target), let target = survey.target(node) {
        tangents[position] = seeds[target]
        continue
      }
      guard marks.contains(.reaches) else { continue }
      let below = Few<Tensor?>(
        (0..<node.inputs.count).map { i -> Tensor? in
          guard let source = node.inputs[i] else { return nil }
          let arrived = tangents[survey.position(ofInput: i, at: position)]
          return arrived.isEmpty ? nil : arrived[source.slot]
        })
      if below.allSatisfy({ $0 == nil }) { continue }
      let context = Context(node: node, survey: survey, position: position)
      let above = node.operation.pushforward(below, context)
      require(
        above.count == node.outputCount,
        "\(node.operation.name): its pushforward returned \(above.count) tangents for \(node.outputCount) results")
      tangents[position] = above.enumerated().map { slot, tangent in
        tangent?.spread(to: node.outputShape(slot), of: node.operation)
      }
    }
    return results.map { edge in
      guard let edge, let position = survey.position(of: edge.node) else { return nil }
      let arrived = tangents[position]
      return arrived.isEmpty ? nil : arrived[edge.slot]
    }
  }
}
