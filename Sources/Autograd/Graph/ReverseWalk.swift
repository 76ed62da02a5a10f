internal import UnrollArrays

/// Cotangents on their way down from results to targets.
struct ReverseWalk {
  private let traversal: Traversal
  private var nodes: [Node]
  /// The cotangents collected for each node's outputs; empty where none has arrived.
  private var collected: [[Tensor?]]
  private var found: [[Tensor?]]
  private let isChecked: Bool

  /// The cotangents of the targets' outputs; empty where the results do not depend on one. Lets go of the graph as it passes, if
  /// nobody else holds it.
  static func cotangents(_ traversal: consuming Traversal, _ seeds: [(Edge, Tensor)], targetCount: Int) -> [[Tensor?]] {
    var walk = ReverseWalk(traversal, targetCount)
    for (edge, seed) in seeds { walk.add(seed, to: edge.node, edge.slot) }
    walk.run(releasing: consume seeds)
    return walk.found
  }

  private init(_ traversal: consuming Traversal, _ targetCount: Int) {
    nodes = traversal.takeNodes()
    self.traversal = traversal
    collected = Array(repeating: [], count: nodes.count)
    found = Array(repeating: [], count: targetCount)
    isChecked = nodes.contains(where: \.isChecked)
  }

  private mutating func run(releasing: consuming [(Edge, Tensor)]) {
    _ = consume releasing
    while let node = nodes.popLast() {
      let position = nodes.count
      guard !collected[position].isEmpty else { continue }
      var g: [Tensor?] = []
      swap(&g, &collected[position])
      let marks = traversal.marks(at: position)
      if marks.contains(.target), let target = traversal.target(node) {
        found[target] = g
      } else if marks.contains(.reaches) {
        pull(node, position, g)
      }
    }
  }

  private mutating func pull(_ node: Node, _ position: Int, _ g: consuming [Tensor?]) {
    let context = Context(node: node, walk: traversal, position: position)
    var cotangents = node.operation.pullback(g, context)
    require(
      cotangents.count == node.inputs.count,
      "\(node.operation.name): its pullback returned \(cotangents.count) cotangents for \(node.inputs.count) inputs")
    for i in cotangents.indices {
      guard let source = node.inputs[i].source, traversal.reaches(source.node), let cotangent = cotangents[i] else { continue }
      cotangents[i] = nil
      let fitting = cotangent.summed(toFit: node.inputs[i], of: node.operation)
      if isChecked { requireFinite(fitting.array, backwardOf: node, input: i) }
      add(fitting, to: source.node, source.slot)
    }
  }

  /// Adds to what has arrived at an output, in place where nobody else holds the numbers.
  private mutating func add(_ cotangent: consuming Tensor, to node: Node, _ slot: Int) {
    let position = traversal.position(of: node)
    if collected[position].isEmpty { collected[position] = Array(repeating: nil, count: node.outputShapes.count) }
    guard collected[position][slot] != nil else {
      collected[position][slot] = consume cotangent
      return
    }
    if collected[position][slot]?.source == nil && cotangent.source == nil {
      collected[position][slot]?.array += cotangent.array
    } else if let arrived = collected[position][slot] {
      collected[position][slot] = arrived + cotangent
    }
  }
}

extension Tensor {
  /// A cotangent in the shape of the input it belongs to: what was broadcast is summed.
  func summed(toFit input: Node.Input, of operation: any Operation) -> Tensor {
    require(type == input.type, "\(operation.name): its rule returned a \(type) cotangent for a \(input.type) input")
    if shape == input.shape { return self }
    let extra = rank - input.shape.count
    var axes = Array(0..<Swift.max(0, extra))
    if extra >= 0 {
      for axis in input.shape.indices where input.shape[axis] != shape[axis + extra] {
        require(
          input.shape[axis] == 1,
          "\(operation.name): its rule returned a cotangent of shape \(shape) for an input of shape \(input.shape)")
        axes.append(axis + extra)
      }
      return sum(axes: axes, keepingAxes: true).reshaped(input.shape)
    }
    // A cotangent of fewer axes stands for equal numbers along the missing ones.
    return spread(to: input.shape, of: operation)
  }

  /// A tangent or cotangent in the shape asked for: equal numbers along the axes it lacks.
  func spread(to shape: Shape, of operation: any Operation) -> Tensor {
    if self.shape == shape { return self }
    require(
      array.shape.broadcasts(to: shape), "\(operation.name): its rule returned shape \(self.shape) where \(shape) belongs")
    return broadcast(to: shape)
  }
}

extension Shape {
  func broadcasts(to shape: Shape) -> Bool {
    let extra = shape.count - count
    return extra >= 0 && indices.allSatisfy { self[$0] == shape[$0 + extra] || self[$0] == 1 }
  }
}
