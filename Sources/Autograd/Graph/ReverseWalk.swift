internal import UnrollArrays

/// Cotangents on their way down from results to targets.
struct ReverseWalk {
  private let survey: Survey
  private var nodes: [Node]
  /// The cotangents collected for each node's outputs; empty where none has arrived.
  private var collected: [[Tensor?]]
  private var found: [[Tensor?]]
  private let isChecked: Bool

  /// The cotangents of the targets' outputs; empty where the results do not depend on one. Lets go of the graph as it passes, if
  /// nobody else holds it.
  static func cotangents(_ traversal: consuming Traversal, _ seeds: [(Edge, Tensor)], targetCount: Int) -> [[Tensor?]] {
    var walk = ReverseWalk(traversal, targetCount)
    for (edge, seed) in seeds { walk.add(seed, at: walk.survey.position(of: edge.node) ?? 0, edge) }
    walk.run(releasing: consume seeds)
    return walk.found
  }

  private init(_ traversal: consuming Traversal, _ targetCount: Int) {
    survey = traversal.survey
    nodes = traversal.takeNodes()
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
      let marks = survey.marks(at: position)
      if marks.contains(.target), let target = survey.target(node) {
        found[target] = g
      } else if marks.contains(.reaches) {
        pull(node, position, g)
      }
    }
  }

  private mutating func pull(_ node: Node, _ position: Int, _ g: consuming [Tensor?]) {
    let context = Context(node: node, survey: survey, position: position)
    var cotangents = node.operation.pullback(g, context)
    require(
      cotangents.count == node.inputs.count,
      "\(node.operation.name): its pullback returned \(cotangents.count) cotangents for \(node.inputs.count) inputs")
    for i in cotangents.indices {
      guard context.wants(i), let cotangent = cotangents[i], let source = node.inputs[i] else { continue }
      cotangents[i] = nil
      let fitting = cotangent.summed(toFit: node.inputShape(i), node.type, of: node.operation)
      if isChecked { requireFinite(fitting.array, backwardOf: node, input: i) }
      add(fitting, at: survey.position(ofInput: i, at: position), source)
    }
  }

  /// Adds to what has arrived at an output, in place where nobody else holds the numbers.
  private mutating func add(_ cotangent: consuming Tensor, at position: Int, _ edge: Edge) {
    if collected[position].isEmpty { collected[position] = Array(repeating: nil, count: edge.node.outputCount) }
    guard let arrived = collected[position][edge.slot] else {
      collected[position][edge.slot] = consume cotangent
      return
    }
    if arrived.source == nil && cotangent.source == nil {
      _ = consume arrived
      collected[position][edge.slot]?.accumulate(cotangent)
    } else {
      collected[position][edge.slot] = arrived + cotangent
    }
  }
}

extension Tensor {
  /// A cotangent in the shape of the input it belongs to: what was broadcast is summed.
  func summed(toFit shape: Shape, _ type: ElementType, of operation: any Operation) -> Tensor {
    require(self.type == type, "\(operation.name): its rule returned a \(self.type) cotangent for a \(type) input")
    if self.shape == shape { return self }
    let extra = rank - shape.count
    var axes = Array(0..<Swift.max(0, extra))
    if extra >= 0 {
      for axis in shape.indices where shape[axis] != self.shape[axis + extra] {
        require(
          shape[axis] == 1,
          "\(operation.name): its rule returned a cotangent of shape \(self.shape) for an input of shape \(shape)")
        axes.append(axis + extra)
      }
      return sum(axes: axes, keepingAxes: true).reshaped(shape)
    }
    // A cotangent of fewer axes stands for equal numbers along the missing ones.
    return spread(to: shape, of: operation)
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
