internal import UnrollArrays

/// The nodes below some results, inputs before what was computed from them, and what is known about each.
struct Traversal {
  /// Nodes in an order in which every one comes after those that it depends on.
  private(set) var nodes: [Node] = []
  private var positions: [ObjectIdentifier: Int] = [:]
  /// Whether a target is below each node, and whether something is that a derivative may be asked of outside this walk.
  private var marks: [Marks] = []
  private let targets: [ObjectIdentifier: Int]
  private let outside: [Bool]?
  private let floor: Int

  struct Marks: OptionSet {
    let rawValue: UInt8
    static let reaches = Marks(rawValue: 1)
    static let outside = Marks(rawValue: 2)
    static let target = Marks(rawValue: 4)
  }

  /// Looks below the roots, down to the targets and no further. What is below a target counts as recorded outside, unless it is
  /// said which targets do.
  init(below roots: [Node], targets: [Node], outside: [Bool]? = nil) {
    self.outside = outside
    self.targets = Dictionary(targets.enumerated().map { (ObjectIdentifier($1), $0) }, uniquingKeysWith: { a, _ in a })
    floor = targets.map(\.height).min() ?? -1
    var open: [(node: Node, next: Int)] = []
    for root in roots {
      enter(root, &open)
      while let (node, next) = open.last {
        if next < node.inputs.count {
          open[open.count - 1].next += 1
          if let below = node.inputs[next].source?.node { enter(below, &open) }
        } else {
          open.removeLast()
          close(node)
        }
      }
    }
  }

  private mutating func enter(_ node: Node, _ open: inout [(node: Node, next: Int)]) {
    let name = ObjectIdentifier(node)
    if positions[name] != nil { return }
    positions[name] = -1
    if let target = targets[name] {
      add(node, outside?[target] ?? !node.inputs.isEmpty ? [.reaches, .target, .outside] : [.reaches, .target])
    } else if node.inputs.isEmpty {
      add(node, node.run == nil ? [] : .outside)
    } else if node.height <= floor {
      // Too low for a target to be below it. It is recorded, so someone else asked for it.
      add(node, .outside)
    } else {
      open.append((node, 0))
    }
  }

  private mutating func close(_ node: Node) {
    var marks: Marks = []
    for input in node.inputs {
      if let below = input.source?.node { marks.formUnion(self.marks(of: below)) }
    }
    if node.run != nil { marks.insert(.outside) }
    marks.remove(.target)
    add(node, marks)
  }

  private mutating func add(_ node: Node, _ marks: Marks) {
    positions[ObjectIdentifier(node)] = nodes.count
    nodes.append(node)
    self.marks.append(marks)
  }

  private func marks(of node: Node) -> Marks {
    guard let position = positions[ObjectIdentifier(node)], position >= 0 else { return [] }
    return marks[position]
  }

  func position(of node: Node) -> Int { positions[ObjectIdentifier(node)] ?? -1 }
  func marks(at position: Int) -> Marks { marks[position] }
  func target(_ node: Node) -> Int? { targets[ObjectIdentifier(node)] }
  func reaches(_ node: Node) -> Bool { marks(of: node).contains(.reaches) }

  func isOutside(_ node: Node) -> Bool { marks(of: node).contains(.outside) }

  /// A tensor as a rule may see it: recorded if a derivative of the rule may be asked for.
  func tensor(_ array: NDArray, _ source: Edge?) -> Tensor {
    guard let source, marks(of: source.node).contains(.outside) else { return Tensor(array) }
    return Tensor(array, source)
  }

  /// What leaves the closure that was differentiated: recorded if something outside recorded it.
  func leaving(_ tensor: Tensor) -> Tensor { self.tensor(tensor.array, tensor.source) }

  /// The nodes, for a walk that lets go of each as it passes.
  mutating func takeNodes() -> [Node] {
    defer { nodes = [] }
    return nodes
  }
}
