internal import UnrollArrays

/// Reverse mode: carries cotangents from results down to targets.
struct ReverseWalk {
  private let survey: Survey
  private var nodes: [Node]
  /// The cotangents that have arrived at the first output of each node, and at further outputs of nodes that have them.
  private var arrived: [Arrivals]
  private var further: [Int: [Arrivals]] = [:]
  private var found: [[Tensor?]]
  /// The indices of watched nodes by position, and the cotangents that arrived at them.
  private var watched: [Int: Int] = [:]
  private var seen: [[Tensor?]] = []
  private let isChecked: Bool

  /// The cotangents of the targets' outputs; empty for a target that the results do not depend on. Releases the graph as the
  /// walk passes, if nothing else references it.
  static func cotangents(_ traversal: consuming Traversal, _ seeds: [(Edge, Tensor)], targetCount: Int) -> [[Tensor?]] {
    var walk = ReverseWalk(traversal, targetCount)
    for (edge, seed) in seeds { walk.add(seed, at: walk.survey.position(of: edge.node) ?? 0, edge.slot) }
    walk.run(releasing: consume seeds)
    return walk.found
  }

  /// The same, together with the cotangents of all outputs of the given nodes; empty for a node that no cotangent reached.
  static func cotangents(
    _ traversal: consuming Traversal, _ seeds: [(Edge, Tensor)], targetCount: Int, watching nodes: [Node]
  ) -> (found: [[Tensor?]], seen: [[Tensor?]]) {
    var walk = ReverseWalk(traversal, targetCount)
    walk.seen = Array(repeating: [], count: nodes.count)
    var first: [Int] = []
    for (i, node) in nodes.enumerated() {
      let position = walk.survey.position(of: node)
      // A node may be watched more than once; its first index collects the cotangents.
      first.append(position.map { walk.watched[$0] ?? i } ?? i)
      if let position { walk.watched[position] = first[i] }
    }
    for (edge, seed) in seeds { walk.add(seed, at: walk.survey.position(of: edge.node) ?? 0, edge.slot) }
    walk.run(releasing: consume seeds)
    return (walk.found, first.map { walk.seen[$0] })
  }

  private init(_ traversal: consuming Traversal, _ targetCount: Int) {
    survey = traversal.survey
    nodes = traversal.takeNodes()
    arrived = Array(repeating: .none, count: nodes.count)
    found = Array(repeating: [], count: targetCount)
    isChecked = nodes.contains(where: \.isChecked)
  }

  private mutating func run(releasing: consuming [(Edge, Tensor)]) {
    _ = consume releasing
    // Nodes are ordered inputs first. Going backwards, all cotangents of a node have arrived when it is its turn, and removing
    // it from the list releases it and the arrays that it keeps.
    while let node = nodes.popLast() {
      let position = nodes.count
      let marks = survey.marks(at: position)
      guard marks.contains(.reaches), let g = take(position, node.outputCount) else { continue }
      if !watched.isEmpty, let i = watched[position] { seen[i] = Array(g) }
      if marks.contains(.target), let target = survey.target(node) {
        found[target] = Array(g)
      } else {
        pull(node, position, g)
      }
    }
  }

  /// Takes the cotangents that have arrived at the outputs of a node; nil if there are none.
  private mutating func take(_ position: Int, _ outputCount: Int) -> Few<Tensor?>? {
    if outputCount == 1 { return arrived[position].take().map { Few($0) } }
    let first = arrived[position].take()
    guard var others = further.removeValue(forKey: position) else {
      return first == nil ? nil : Few([first] + Array(repeating: nil, count: outputCount - 1))
    }
    return Few([first] + others.indices.map { others[$0].take() })
  }

  private mutating func pull(_ node: Node, _ position: Int, _ g: consuming Few<Tensor?>) {
    // The cotangent of a slice goes into its place in the whole, instead of a whole array with zeros.
    if let add = node.operation.addsPart, let part = g[0], !part.isRecorded {
      return place(part, of: node, at: position, by: add)
    }
    var context = Context(node: node, survey: survey, position: position)
    context.settled = accumulate(g, node, context)
    var cotangents = node.operation.pullback(g, context)
    require(
      cotangents.count == node.inputs.count,
      "\(node.operation.name): its pullback returned \(cotangents.count) cotangents for \(node.inputs.count) inputs")
    for i in cotangents.indices {
      guard context.wants(i), var cotangent = cotangents.take(i) else { continue }
      if !node.fits(cotangent.numbers, i) {
        cotangent = cotangent.summed(toFit: node.inputShape(i), node.inputType(i), of: node.operation)
      }
      if isChecked { requireFinite(cotangent.array, backwardOf: node, input: i) }
      add(cotangent, at: survey.position(ofInput: i, at: position), node.slot(ofInput: i))
    }
  }

  /// Lets the operation add the cotangent of an input to the sum of those that have arrived there, where it can; returns that
  /// input.
  private mutating func accumulate(_ g: Few<Tensor?>, _ node: Node, _ context: Context) -> Int? {
    guard !isChecked, let accumulation = node.operation.accumulation(g, context) else { return nil }
    let input = accumulation.input
    let (position, slot) = (survey.position(ofInput: input, at: context.position), node.slot(ofInput: input))
    guard slot == 0, arrived[position].isUnrecorded else { return nil }
    arrived[position].change(accumulation.add)
    return input
  }

  private mutating func place(
    _ part: Tensor, of node: Node, at position: Int, by add: (NDArray, inout NDArray) -> Void
  ) {
    if isChecked { requireFinite(part.array, backwardOf: node, input: 0) }
    change(survey.position(ofInput: 0, at: position), node.slot(ofInput: 0)) {
      $0.add(part.array, shape: node.inputShape(0), by: add)
    }
  }

  private mutating func add(_ cotangent: Tensor, at position: Int, _ slot: Int) {
    change(position, slot) { $0.add(cotangent) }
  }

  private mutating func change(_ position: Int, _ slot: Int, _ body: (inout Arrivals) -> Void) {
    if slot == 0 { return body(&arrived[position]) }
    body(&further[position, default: Array(repeating: .none, count: nodes[position].outputCount - 1)][slot - 1])
  }
}

extension Tensor {
  /// The cotangent in the shape of its input: broadcast axes are summed.
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
    // A cotangent with fewer axes stands for equal numbers along the missing ones.
    return spread(to: shape, of: operation)
  }

  /// The tangent or cotangent in a given shape, with equal numbers along missing axes.
  func spread(to shape: Shape, of operation: any Operation) -> Tensor {
    if self.shape == shape { return self }
    require(
      self.shape.broadcasts(to: shape), "\(operation.name): its rule returned shape \(self.shape) instead of \(shape)")
    return broadcast(to: shape)
  }
}

extension Shape {
  func broadcasts(to shape: Shape) -> Bool {
    let extra = shape.count - count
    return extra >= 0 && indices.allSatisfy { self[$0] == shape[$0 + extra] || self[$0] == 1 }
  }
}

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
