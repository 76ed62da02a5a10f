internal import UnrollArrays

/// The nodes below some results, inputs before what was computed from them, and what is known about each.
struct Traversal: Sendable {
  /// Nodes in an order in which every one comes after those that it depends on.
  private(set) var nodes: [Node]
  let survey: Survey

  /// Looks below the roots, down to the targets and no further. What is below a target counts as recorded outside, unless it is
  /// said which targets do. `isSmall` where the way down may be much shorter than the graph is high.
  init(below roots: [Node], targets: [Node], outside: [Bool]? = nil, isSmall: Bool = false) {
    var search = Search(targets, outside)
    for root in roots {
      if !isSmall { search.reserve(root.height) }
      search.look(below: root)
    }
    nodes = search.nodes
    survey = Survey(search)
  }

  init(below tensors: [Tensor], targets: [Node], isSmall: Bool = false) {
    self.init(below: tensors.compactMap { $0.source?.node }, targets: targets, isSmall: isSmall)
  }

  /// The nodes, for a walk that lets go of each as it passes.
  mutating func takeNodes() -> [Node] {
    defer { nodes = [] }
    return nodes
  }

  /// What leaves the closure that was differentiated: recorded if something outside recorded it.
  func leaving(_ tensor: Tensor) -> Tensor {
    guard let source = tensor.source, let position = survey.position(of: source.node) else { return tensor.detached() }
    return survey.marks(at: position).contains(.outside) ? tensor : tensor.detached()
  }
}

/// What a walk asks about nodes, by their positions.
final class Survey: Sendable {
  private let marks: [Marks]
  private let firstInputs: [Int32]
  private let inputPositions: [Int32]
  private let table: NodeTable
  private let targets: NodeTable

  struct Marks: OptionSet, Sendable {
    let rawValue: UInt8
    /// A target is below, or this is one.
    static let reaches = Marks(rawValue: 1)
    /// Something outside this walk may ask for a derivative by something below.
    static let outside = Marks(rawValue: 2)
    static let target = Marks(rawValue: 4)
  }

  fileprivate init(_ search: Search) {
    marks = search.marks
    firstInputs = search.firstInputs
    inputPositions = search.inputPositions
    table = search.table
    targets = search.targets
  }

  func marks(at position: Int) -> Marks { marks[position] }

  /// Where the input of a node that was descended into stands; -1 where it is not recorded.
  func position(ofInput i: Int, at position: Int) -> Int { Int(inputPositions[Int(firstInputs[position]) + i]) }

  func position(of node: Node) -> Int? { table[node] }

  /// Which target a node is.
  func target(_ node: Node) -> Int? { targets[node] }

  func reaches(_ node: Node) -> Bool { table[node].map { marks[$0].contains(.reaches) } ?? false }
}

/// The search itself: depth first, with a stack of its own.
private struct Search {
  var nodes: [Node] = []
  var marks: [Survey.Marks] = []
  /// For each node, where the positions of its inputs begin in the list of all.
  var firstInputs: [Int32] = []
  var inputPositions: [Int32] = []
  var table = NodeTable()
  var targets = NodeTable()
  private let outside: [Bool]?
  /// The heights of the lowest and the highest target.
  private let floor: Int
  private let ceiling: Int
  /// The fewest labels that a target stands under.
  private let nesting: Int32
  /// The way down from a root. Not retained: the roots hold every node below them.
  private var open: [(node: Unmanaged<Node>, next: Int)] = []

  init(_ targets: [Node], _ outside: [Bool]?) {
    self.outside = outside
    for (i, target) in targets.enumerated() { self.targets.set(target, i) }
    floor = targets.map(\.height).min() ?? -1
    ceiling = targets.map(\.height).max() ?? -1
    nesting = targets.map(\.nesting).min() ?? 0
  }

  mutating func look(below root: Node) {
    enter(root)
    while let last = open.indices.last {
      let next = open[last].next
      open[last].next = next + 1
      open[last].node._withUnsafeGuaranteedRef { node in
        if next < node.inputs.count {
          node.node(ofInput: next)?._withUnsafeGuaranteedRef { enter($0) }
        } else {
          open.removeLast()
          close(node)
        }
      }
    }
  }

  /// Makes room for a graph of the height given, which a recurrence fills and a wide graph exceeds.
  mutating func reserve(_ height: Int) {
    let count = nodes.count + min(height + 1, 1 << 16)
    nodes.reserveCapacity(count)
    marks.reserveCapacity(count)
    firstInputs.reserveCapacity(count)
    inputPositions.reserveCapacity(2 * count)
    open.reserveCapacity(count)
    table.reserve(count)
  }

  private mutating func enter(_ node: Node) {
    if table[node] != nil { return }
    if node.height <= ceiling, let target = targets[node] {
      add(node, outside?[target] ?? !node.inputs.isEmpty ? [.reaches, .target, .outside] : [.reaches, .target])
    } else if node.inputs.isEmpty {
      add(node, node.isLiveLabel ? .outside : [])
    } else if node.height <= floor || node.nesting < nesting {
      // Too low, or under too few labels, for a target to be below it. It is recorded, so someone else asked for it.
      add(node, .outside)
    } else {
      open.append((.passUnretained(node), 0))
    }
  }

  private mutating func close(_ node: Node) {
    var marks: Survey.Marks = node.isLiveLabel ? .outside : []
    let first = inputPositions.count
    for i in 0..<node.inputs.count {
      let position = node.node(ofInput: i)?._withUnsafeGuaranteedRef { table[$0] } ?? -1
      inputPositions.append(Int32(truncatingIfNeeded: position))
      if position >= 0 { marks.formUnion(self.marks[position]) }
    }
    marks.remove(.target)
    add(node, marks, firstInput: first)
  }

  private mutating func add(_ node: Node, _ marks: Survey.Marks, firstInput: Int = 0) {
    table.set(node, nodes.count)
    nodes.append(node)
    self.marks.append(marks)
    firstInputs.append(Int32(truncatingIfNeeded: firstInput))
  }
}
