internal import UnrollArrays

/// The nodes below some results, inputs first, and facts about each.
struct Traversal: Sendable {
  /// The nodes in topological order: each follows those that it depends on.
  private(set) var nodes: [Node]
  let survey: Survey

  /// Searches below the roots, down to the targets and no further. A target with inputs counts as recorded outside, unless
  /// `outside` states which targets do. `isSmall` means that the search may end long before the bottom of the graph.
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

  /// Takes the nodes, for a walk that releases each as it passes.
  mutating func takeNodes() -> [Node] {
    defer { nodes = [] }
    return nodes
  }

  /// A tensor that leaves the differentiated closure: it stays recorded only if something outside recorded it.
  func leaving(_ tensor: Tensor) -> Tensor {
    guard let source = tensor.source, let position = survey.position(of: source.node) else { return tensor.detached() }
    return survey.marks(at: position).contains(.outside) ? tensor : tensor.detached()
  }
}

/// Facts about nodes, by position.
final class Survey: Sendable {
  private let marks: [Marks]
  private let firstInputs: [Int32]
  private let inputPositions: [Int32]
  private let table: NodeTable
  private let targets: NodeTable

  struct Marks: OptionSet, Sendable {
    let rawValue: UInt8
    /// This node is a target or depends on one.
    static let reaches = Marks(rawValue: 1)
    /// A request outside this walk may ask for a derivative by something below.
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

  /// The position of an input of a visited node; -1 where it is not recorded.
  func position(ofInput i: Int, at position: Int) -> Int { Int(inputPositions[Int(firstInputs[position]) + i]) }

  func position(of node: Node) -> Int? { table[node] }

  /// The index of a target; nil for other nodes.
  func target(_ node: Node) -> Int? { targets[node] }

  func reaches(_ node: Node) -> Bool { table[node].map { marks[$0].contains(.reaches) } ?? false }
}

/// A depth-first search with an explicit stack, since recursion would overflow in long graphs.
@safe private struct Search {
  var nodes: [Node] = []
  var marks: [Survey.Marks] = []
  /// For each node, the start of its inputs' positions in the list of all.
  var firstInputs: [Int32] = []
  var inputPositions: [Int32] = []
  var table = NodeTable()
  var targets = NodeTable()
  private let outside: [Bool]?
  /// The heights of the lowest and the highest target.
  private let floor: Int
  private let ceiling: Int
  /// The smallest nesting of a target.
  private let nesting: Int32
  /// The path from a root to the present node. Unretained: the roots hold every node below them.
  private var open: [(node: Unmanaged<Node>, next: Int)] = unsafe []

  init(_ targets: [Node], _ outside: [Bool]?) {
    self.outside = outside
    for (i, target) in targets.enumerated() { self.targets.set(target, i) }
    floor = targets.map(\.height).min() ?? -1
    ceiling = targets.map(\.height).max() ?? -1
    nesting = targets.map(\.nesting).min() ?? 0
  }

  mutating func look(below root: Node) {
    enter(root)
    while let last = unsafe open.indices.last {
      let next = unsafe open[last].next
      unsafe open[last].next = next + 1
      unsafe open[last].node._withUnsafeGuaranteedRef { node in
        if next < node.inputs.count {
          unsafe node.node(ofInput: next)?._withUnsafeGuaranteedRef { enter($0) }
        } else {
          unsafe open.removeLast()
          close(node)
        }
      }
    }
  }

  /// Reserves room for a graph of the given height; a recurrence fills it, and a wide graph exceeds it.
  mutating func reserve(_ height: Int) {
    let count = nodes.count + min(height + 1, 1 << 16)
    nodes.reserveCapacity(count)
    marks.reserveCapacity(count)
    firstInputs.reserveCapacity(count)
    inputPositions.reserveCapacity(2 * count)
    unsafe open.reserveCapacity(count)
    table.reserve(count)
  }

  private mutating func enter(_ node: Node) {
    if table[node] != nil { return }
    if node.height <= ceiling, let target = targets[node] {
      add(node, outside?[target] ?? !node.inputs.isEmpty ? [.reaches, .target, .outside] : [.reaches, .target])
    } else if node.inputs.isEmpty {
      add(node, node.isLiveLabel ? .outside : [])
    } else if node.height <= floor || node.nesting < nesting {
      // A node this low, or with this few labels below it, cannot depend on a target. It is recorded, so another request owns
      // it.
      add(node, .outside)
    } else {
      unsafe open.append((.passUnretained(node), 0))
    }
  }

  private mutating func close(_ node: Node) {
    var marks: Survey.Marks = node.isLiveLabel ? .outside : []
    let first = inputPositions.count
    for i in 0..<node.inputs.count {
      let position = unsafe node.node(ofInput: i)?._withUnsafeGuaranteedRef { table[$0] } ?? -1
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
