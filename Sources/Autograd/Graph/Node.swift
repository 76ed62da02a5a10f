internal import UnrollArrays

/// The origin of a recorded tensor: a result of a recorded operation.
package struct Edge: Sendable {
  let node: Node
  /// The index of the result.
  let slot: Int
}

/// A recorded operation: the operation, the origins of its inputs, and the arrays that its derivatives need. Immutable.
package final class Node: Sendable {
  let operation: any Operation
  /// The origin of each input; nil where it was not recorded.
  ///
  /// Written only by `init` and by `deinit`, which releases long graphs without recursion. The node is uniquely referenced
  /// then, but the compiler cannot know.
  @safe @exclusivity(unchecked) nonisolated(unsafe) private(set) var inputs: Few<Edge?>
  /// The origins of the first two inputs, unretained: reading these does not count references. `inputs` retains them.
  private let below: (Below, Below)
  /// The shapes of the inputs; nil where all equal the shape of the first output.
  private let inputShapes: [Shape]?
  /// The element type of the first input, and of all inputs unless `inputTypes` is set.
  let type: ElementType
  /// The element types of the inputs; nil where all are equal.
  private let inputTypes: [ElementType]?
  private let outputShape: Shape
  /// The shapes of the outputs after the first; nil where there are none.
  private let furtherShapes: [Shape]?
  /// The inputs, outputs and residuals that the operation keeps, in this order.
  let kept: Few<Numbers>
  let keeps: Keeps
  /// One more than the largest height of an input: every node that this one depends on is lower.
  let height: Int
  /// The largest number of labels on a path down from this node. A node that depends on a label has at least the label's
  /// nesting.
  let nesting: Int32
  let isLabel: Bool
  /// Checks and traces that are requested for everything that depends on this node.
  let watch: Watch

  /// Whether everything that depends on this node is checked for numbers that are not finite.
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

  @safe private struct Below {
    var node: Unmanaged<Node>?
    var slot: Int32 = 0

    init(_ inputs: Few<Edge?>, _ i: Int) {
      guard i < inputs.count, let edge = inputs[i] else { return }
      unsafe node = .passUnretained(edge.node)
      slot = Int32(truncatingIfNeeded: edge.slot)
    }

    var standing: (height: Int, nesting: Int32, watch: Watch) {
      unsafe node?._withUnsafeGuaranteedRef { ($0.height, $0.nesting, $0.watch) } ?? (-1, 0, [])
    }
  }

  /// The node of an input, nil where it was not recorded. This node retains it.
  func node(ofInput i: Int) -> Unmanaged<Node>? {
    switch i {
    case 0: unsafe below.0.node
    case 1: unsafe below.1.node
    default: unsafe inputs[i].map { unsafe .passUnretained($0.node) }
    }
  }

  func inputType(_ i: Int) -> ElementType { inputTypes?[i] ?? type }

  func inputShape(_ i: Int) -> Shape { inputShapes?[i] ?? outputShape }

  /// Whether this is the label of a request that is still alive.
  var isLiveLabel: Bool { isLabel && (operation as? Label)?.run != nil }

  /// Whether an array has the shape and the type of an input.
  func fits(_ numbers: Numbers, _ i: Int) -> Bool {
    numbers.array.type == inputType(i) && (inputShapes.map { numbers.array.has($0[i]) } ?? numbers.array.has(outputShape))
  }

  /// The index of an input among the results of its node.
  func slot(ofInput i: Int) -> Int {
    switch i {
    case 0: Int(below.0.slot)
    case 1: Int(below.1.slot)
    default: inputs[i]?.slot ?? 0
    }
  }

  var outputCount: Int { (furtherShapes?.count ?? 0) + 1 }

  func outputShape(_ i: Int) -> Shape { i == 0 ? outputShape : furtherShapes?[i - 1] ?? outputShape }

  /// Releases nodes that only this one referenced one by one, from a list: releasing each in the `deinit` of its successor
  /// would overflow the stack in a long graph. Closures in operations do the same through `Deferred`.
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

/// The arrays that an operation keeps for its derivatives, as bit masks over inputs and outputs.
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

/// The mark on a tensor that a derivative is requested at: an identity operation with a node of its own. On an unrecorded
/// tensor it is a leaf; on a recorded one it lies above the tensor's node, so that derivatives of outer requests pass through.
struct Label: Operation {
  weak let run: Run?

  func forward(_ inputs: [NDArray]) -> Values { Values(inputs) }
  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> { g }
  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> { t }
}

extension Tensor {
  /// The same numbers with a new label. `nesting` is the least nesting of the label.
  func labelled(_ run: Run, watch: Watch = [], nesting: Int32 = 1) -> Tensor {
    let node = Node(
      Label(run: run), inputs: source.map { Few($0) } ?? Few(), inputShapes: nil, type: type, outputShape: shape, isLabel: true,
      nesting: nesting, watch: watch)
    return Tensor(numbers, Edge(node: node, slot: 0))
  }
}
