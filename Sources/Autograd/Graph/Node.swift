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
  /// Where each input came from, nil where it was not recorded.
  ///
  /// Written once more, in `deinit` and under unique ownership, so that long graphs are released without recursion; the
  /// compiler cannot see that nobody else can read it then.
  @exclusivity(unchecked) nonisolated(unsafe) private(set) var inputs: Few<Edge?>
  /// Where the first two inputs came from, for looking without counting references: `inputs` holds them.
  private let below: (Below, Below)
  /// The shapes of the inputs; nil where all are that of the first output.
  private let inputShapes: [Shape]?
  /// The element type of the first input, and of the others where `inputTypes` says nothing else.
  let type: ElementType
  /// The element types of the inputs; nil where all are that of the first.
  private let inputTypes: [ElementType]?
  private let outputShape: Shape
  /// The shapes of the outputs after the first; nil where there are none.
  private let furtherShapes: [Shape]?
  /// Inputs, outputs and residuals that the operation keeps, in this order.
  let kept: Few<Numbers>
  let keeps: Keeps
  /// More than the height of every input: whatever this node depends on is lower.
  let height: Int
  /// How many labels stand one above the other on the way to this node: what depends on a label has no fewer than the label.
  let nesting: Int32
  let isLabel: Bool
  /// What is asked of everything that depends on this node, besides derivatives.
  let watch: Watch

  /// Whether numbers that are not finite are looked for in everything that depends on this node.
  var isChecked: Bool { watch.contains(.checks) }

  init(
    _ operation: any Operation, inputs: Few<Edge?>, inputShapes: [Shape]?, type: ElementType, inputTypes: [ElementType]? = nil,
    outputShape: Shape, furtherShapes: [Shape]? = nil, keeps: Keeps = .nothing, kept: Few<Numbers> = Few(),
    isLabel: Bool = false, nesting: Int32 = 0, watch: Watch = []
  ) {
    self.operation = operation
    self.inputs = inputs
    self.inputShapes = inputShapes
    self.type = type
    self.inputTypes = inputTypes
    self.outputShape = outputShape
    self.furtherShapes = furtherShapes
    self.keeps = keeps
    self.kept = kept
    self.isLabel = isLabel
    let count = inputs.count
    self.below = (Below(inputs, 0), Below(inputs, 1))
    let (first, second) = (self.below.0.standing, self.below.1.standing)
    var height = max(first.height, second.height)
    var below = max(first.nesting, second.nesting)
    var watch = watch.union(first.watch).union(second.watch)
    for i in 2..<max(2, count) {
      guard let node = inputs[i]?.node else { continue }
      height = max(height, node.height)
      below = max(below, node.nesting)
      watch.formUnion(node.watch)
    }
    self.height = height + 1
    self.nesting = isLabel ? max(nesting, below + 1) : below
    self.watch = watch
  }

  private struct Below {
    var node: Unmanaged<Node>?
    var slot: Int32 = 0

    init(_ inputs: Few<Edge?>, _ i: Int) {
      guard i < inputs.count, let edge = inputs[i] else { return }
      node = .passUnretained(edge.node)
      slot = Int32(truncatingIfNeeded: edge.slot)
    }

    var standing: (height: Int, nesting: Int32, watch: Watch) {
      node?._withUnsafeGuaranteedRef { ($0.height, $0.nesting, $0.watch) } ?? (-1, 0, [])
    }
  }

  /// The node that an input came from, nil where it was not recorded; held by this one.
  func node(ofInput i: Int) -> Unmanaged<Node>? {
    switch i {
    case 0: below.0.node
    case 1: below.1.node
    default: inputs[i].map { .passUnretained($0.node) }
    }
  }

  func inputType(_ i: Int) -> ElementType { inputTypes?[i] ?? type }

  func inputShape(_ i: Int) -> Shape { inputShapes?[i] ?? outputShape }

  /// Whether this is the mark of a request that may still be answered.
  var isLiveLabel: Bool { isLabel && (operation as? Label)?.run != nil }

  /// Whether an array has the shape and the type of an input.
  func fits(_ numbers: Numbers, _ i: Int) -> Bool {
    numbers.array.type == inputType(i) && (inputShapes.map { numbers.array.has($0[i]) } ?? numbers.array.has(outputShape))
  }

  /// Which result of the node before it an input is.
  func slot(ofInput i: Int) -> Int {
    switch i {
    case 0: Int(below.0.slot)
    case 1: Int(below.1.slot)
    default: inputs[i]?.slot ?? 0
    }
  }

  var outputCount: Int { (furtherShapes?.count ?? 0) + 1 }

  func outputShape(_ i: Int) -> Shape { i == 0 ? outputShape : furtherShapes?[i - 1] ?? outputShape }

  /// Nodes that nobody but this one held are taken apart one by one. Releasing each in the `deinit` of the one above it would
  /// overflow the stack in a long graph. Closures that operations hold see to themselves: `Deferred`.
  deinit {
    var orphans: [Node] = []
    release(into: &orphans)
    while let orphan = orphans.popLast() { orphan.release(into: &orphans) }
  }

  private func release(into orphans: inout [Node]) {
    while !inputs.isEmpty {
      if var node = inputs.removeLast().flatMap({ $0?.node }), isKnownUniquelyReferenced(&node) { orphans.append(node) }
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
  package static let allOutputs = Keeps(inputs: 0, outputs: .max)

  package static func inputs(_ positions: Int...) -> Keeps {
    Keeps(inputs: positions.reduce(0) { $0 | 1 << UInt64($1) }, outputs: 0)
  }

  package static func + (a: Keeps, b: Keeps) -> Keeps { Keeps(inputs: a.inputs | b.inputs, outputs: a.outputs | b.outputs) }

  func keepsInput(_ i: Int) -> Bool { i < 64 && inputs >> UInt64(i) & 1 == 1 }
  func keepsOutput(_ i: Int) -> Bool { i < 64 && outputs >> UInt64(i) & 1 == 1 }
}
