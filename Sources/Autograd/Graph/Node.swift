internal import UnrollArrays

/// Where a recorded tensor came from: a result of a recorded operation.
package struct Edge: Sendable {
  let node: Node
  /// Which result.
  let slot: Int
}

/// A recorded operation: what it was, where its inputs came from, and the arrays its derivative needs. Immutable.
package final class Node: Sendable {
  let operation: any Operation
  /// Written once more, in `deinit` and under unique ownership, so that long graphs are released without recursion; the
  /// compiler cannot see that nobody else can read it then.
  nonisolated(unsafe) private(set) var inputs: [Input]
  /// Inputs, outputs and residuals that the operation keeps, in this order.
  let kept: [NDArray]
  let keeps: Keeps
  let outputShapes: [Shape]
  /// More than the height of every input: whatever this node depends on is lower.
  let height: Int
  /// The request that this node is a mark of, while that may still be answered; nil for all other nodes.
  weak let run: Run?
  /// Whether numbers that are not finite are looked for in everything that depends on this node.
  let isChecked: Bool

  /// Where an input came from, nil where it was not recorded, and what it looked like.
  struct Input: Sendable {
    fileprivate(set) var source: Edge?
    let shape: Shape
    let type: ElementType

    fileprivate mutating func takeNode() -> Node? {
      let node = source?.node
      source = nil
      return node
    }
  }

  init(
    _ operation: any Operation, inputs: [Input], keeps: Keeps = .nothing, kept: [NDArray] = [], outputShapes: [Shape],
    run: Run? = nil, isChecked: Bool = false
  ) {
    self.run = run
    self.operation = operation
    self.inputs = inputs
    self.keeps = keeps
    self.kept = kept
    self.outputShapes = outputShapes
    var height = -1
    var isChecked = isChecked
    for input in inputs {
      guard let node = input.source?.node else { continue }
      height = max(height, node.height)
      isChecked = isChecked || node.isChecked
    }
    self.height = height + 1
    self.isChecked = isChecked
  }

  /// Nodes that nobody but this one held are taken apart one by one. Releasing each in the `deinit` of the one above it would
  /// overflow the stack in a long graph.
  deinit {
    var orphans: [Node] = []
    release(into: &orphans)
    while let orphan = orphans.popLast() { orphan.release(into: &orphans) }
  }

  private func release(into orphans: inout [Node]) {
    while !inputs.isEmpty {
      if var node = inputs[inputs.count - 1].takeNode(), isKnownUniquelyReferenced(&node) { orphans.append(node) }
      inputs.removeLast()
    }
  }
}

/// Which arrays an operation needs again for its derivatives.
package struct Keeps: Sendable {
  var inputs: UInt64
  var outputs: UInt64

  package static let nothing = Keeps(inputs: 0, outputs: 0)
  package static let allInputs = Keeps(inputs: .max, outputs: 0)
  package static let output = Keeps(inputs: 0, outputs: 1)

  package static func inputs(_ positions: Int...) -> Keeps {
    Keeps(inputs: positions.reduce(0) { $0 | 1 << UInt64($1) }, outputs: 0)
  }

  package static func + (a: Keeps, b: Keeps) -> Keeps { Keeps(inputs: a.inputs | b.inputs, outputs: a.outputs | b.outputs) }

  func keepsInput(_ i: Int) -> Bool { i < 64 && inputs >> UInt64(i) & 1 == 1 }
  func keepsOutput(_ i: Int) -> Bool { i < 64 && outputs >> UInt64(i) & 1 == 1 }
}
