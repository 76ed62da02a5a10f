internal import UnrollKernelTemplates

/// Compiles a step program: decides what forward keeps for backward, lays out every row, and orders the instructions.
///
/// A value that backward needs is kept in the step's record, unless it can be recomputed: by arithmetic from inputs, states or
/// other kept values, or from a state by one function. All other values are in a block's scratch rows, which are reused after
/// their last reader.
struct StepPlan {
  let graph: StepGraph
  let type: ElementType
  var nodes: [RowGraph.Node] { graph.rows.nodes }

  // The contents of the program.
  var recordWidth = 0
  var cotangentWidth = 0
  var gateWidth = 0
  var biases: [StepProgram.Bias] = []
  var filled: [Range<Int>] = []
  var scratchWidth = 0
  /// The rows that instructions process at a time: as many as keep their data in a near cache. A quarter of that would fit the
  /// first-level cache, but blocks of so few rows expose the interpreter's own overhead.
  var blockRows = 1
  var sumWidth = 0
  var parameterOffsets: [Int] = []
  var numbers: [Double] = []
  var parameterCount = 0
  var inputProducts: [StepProgram.ForwardProduct] = []
  var stateProducts: [StepProgram.ForwardProduct] = []
  var forward: [StepProgram.Stage] = []
  var backward: [StepProgram.Stage] = []
  var stateCotangents: [[StepProgram.BackwardProduct]] = []
  var inputCotangents: [StepProgram.BackwardProduct] = []
  var weights: [StepProgram.WeightTerm] = []
  var columnSums: [(parameter: Int, starts: [Range<Int>])] = []
  var rowSums: [(parameter: Int, start: Int, width: Int)] = []
  var passesState: [Bool] = []
  var passesInput = false
  var keepsRecords = false

  // Facts about nodes.
  /// `isForward`: needed for the state after the step. `isLive`: needed at all.
  var isForward: [Bool] = []
  var isLive: [Bool] = []
  var kept: Set<Int> = []
  var recomputed: Set<Int> = []
  /// The part of the state that a node computes.
  var partAfter: [Int: Int] = [:]
  var place: [Place?] = []
  var atoms: [RowGraph.View] = []
  var atomStarts: [Int] = []
  var cutAtoms: [Int: Set<Int>] = [:]

  init(_ graph: StepGraph, _ type: ElementType) {
    self.graph = graph
    self.type = type
  }

  mutating func make() {
    place = Array(repeating: nil, count: nodes.count)
    isLive = graph.live()
    markForward()
    placeGivenRows()
    placeGates()
    decideWhatIsKept()
    placeKept()
    placeCrossing(forwardNodes, isForward: true)
    recordWidth =
      gateWidth == recordWidth && filled.isEmpty && inputProducts.count == 1 && isOneGate
      ? max(recordWidth, 1) : spreadWidth(max(recordWidth, 1))
    settle(Memory.record, recordWidth)
    // Blocks of at most 32 rows whose record, gates and four state rows take up to 96 KB.
    let widest = graph.stateWidths.max() ?? 1
    blockRows = min(
      32,
      max(
        1,
        98304
          / (type.size * (recordWidth + gateWidth + 4 * widest))))
    emitForward()
    for node in recomputed { place[node] = nil }
    placeCotangents()
    emitBackward()
  }

  /// Whether the gates are all of a step and as wide as its state. Then records need no padding.
  var isOneGate: Bool { stateProducts.count <= 1 && graph.next.count == 1 && gateWidth == graph.stateWidths[0] }

  /// Sets the pitch of all places in a record.
  mutating func settle(_ memory: Int, _ pitch: Int) {
    for i in place.indices where place[i]?.memory == memory { place[i]?.pitch = pitch }
    func settled(_ product: StepProgram.ForwardProduct) -> StepProgram.ForwardProduct {
      var left = product.left
      if left.memory == memory { left.pitch = pitch }
      return .init(
        left: left, matrix: product.matrix, columns: product.columns, accumulates: product.accumulates)
    }
    inputProducts = inputProducts.map(settled)
    stateProducts = stateProducts.map(settled)
  }

  // MARK: Analysis

  mutating func markForward() {
    isForward = Array(repeating: false, count: nodes.count)
    for value in graph.next { for piece in value.pieces where !piece.isZero { isForward[piece.node] = true } }
    // Products that only backward reads are computed forward too, together with the others.
    for i in nodes.indices where isLive[i] && !nodes[i].isBackward {
      if case .affine = nodes[i].operation { isForward[i] = true }
    }
    for i in nodes.indices.reversed() where isForward[i] {
      for view in RowGraph.operands(nodes[i].operation) where !view.isZero { isForward[view.node] = true }
    }
    for (part, value) in graph.next.enumerated() {
      let pieces = value.merged.pieces
      guard pieces.count == 1, !pieces[0].isZero, pieces[0].count == nodes[pieces[0].node].width else { continue }
      if !isGiven(pieces[0].node), partAfter[pieces[0].node] == nil { partAfter[pieces[0].node] = part }
    }
  }

  /// Inputs, parameters and numbers, which need no instruction.
  func isGiven(_ node: Int) -> Bool {
    switch nodes[node].operation {
    case .input, .parameter, .number: true
    default: false
    }
  }

  func isArithmetic(_ node: Int) -> Bool {
    switch nodes[node].operation {
    case .binary(let f, _, _): f != .power
    case .ternary: true
    case .unary(let f, _, _, _): [.negation, .square, .magnitude, .clipped, .relu, .step, .leakyRelu].contains(f)
    default: false
    }
  }

  /// The forward nodes whose rows backward reads.
  func neededByBackward() -> [Int] {
    var needed: Set<Int> = []
    func need(_ view: RowGraph.View) {
      if !view.isZero, isForward[view.node], !isGiven(view.node) { needed.insert(view.node) }
    }
    for i in nodes.indices where isLive[i] && !isForward[i] { RowGraph.operands(nodes[i].operation).forEach(need) }
    for value in graph.results.dropFirst(graph.next.count) { value.pieces.forEach(need) }
    return needed.sorted()
  }

  mutating func decideWhatIsKept() {
    let needed = neededByBackward().filter { partAfter[$0] == nil }
    func isThere(_ view: RowGraph.View) -> Bool {
      view.isZero || isGiven(view.node) || partAfter[view.node] != nil || kept.contains(view.node)
        || recomputed.contains(view.node)
    }
    // The left factors of matrix gradients are read for all steps of a segment at once, so they are kept.
    for entry in graph.byMatrix {
      for piece in entry.left.pieces where !piece.isZero && !isGiven(piece.node) && partAfter[piece.node] == nil {
        kept.insert(piece.node)
      }
    }
    for node in needed where !isArithmetic(node) && !kept.contains(node) {
      if case .unary(_, let x, _, _) = nodes[node].operation, isGiven(x.node) || partAfter[x.node] != nil {
        recomputed.insert(node)
      } else {
        kept.insert(node)
      }
    }
    for node in needed where isArithmetic(node) && !kept.contains(node) {
      if RowGraph.operands(nodes[node].operation).allSatisfy(isThere) { recomputed.insert(node) } else { kept.insert(node) }
    }
    keepsRecords = !kept.isEmpty
  }

  // MARK: Places

  /// Stands for the pitch of places in a record, which is known once all are placed.
  static let recordPitch = -1

  mutating func placeGivenRows() {
    var offset = 0
    for width in graph.parameterWidths {
      parameterOffsets.append(offset)
      offset += width
    }
    for (i, node) in nodes.enumerated() {
      switch node.operation {
      case .input(let given):
        let memory: Int
        if given >= RowGraph.firstCotangent {
          memory = Memory.byState(given - RowGraph.firstCotangent)
        } else if given == StepGraph.x {
          memory = Memory.x
        } else if given <= graph.stateWidths.count {
          memory = Memory.before(given - 1)
        } else {
          memory = Memory.draw(given - 1 - graph.stateWidths.count, parts: graph.stateWidths.count)
        }
        place[i] = Place(memory: memory, offset: 0, pitch: node.width)
      case .parameter(let parameter):
        place[i] = Place(memory: Memory.parameters, offset: parameterOffsets[parameter], pitch: 0)
      case .number(let number):
        place[i] = Place(memory: Memory.parameters, offset: offset + numbers.count, pitch: 0)
        numbers.append(number)
      default: break
      }
    }
    // The zero that copies of zeros read.
    numbers.append(0)
    parameterCount = offset + numbers.count
  }

  var zero: Place { Place(memory: Memory.parameters, offset: parameterCount - 1, pitch: 0) }

  func isInput(_ factor: RowGraph.Factor) -> Bool {
    if case .input(StepGraph.x) = nodes[factor.row.node].operation { return factor.row.count == graph.inputWidth }
    return false
  }

  func isState(_ factor: RowGraph.Factor) -> Bool {
    if case .input(let given) = nodes[factor.row.node].operation {
      return given != StepGraph.x && given <= graph.stateWidths.count
    }
    return false
  }

  /// Gives sums of products the first columns of the record, ordered so that those with products of the state are contiguous,
  /// and those with products of x too: state only, both, x only. So each matrix needs one product, whatever the order of its
  /// columns.
  mutating func placeGates() {
    var gates: [(node: Int, factors: [RowGraph.Factor], bias: RowGraph.View?, rank: Int)] = []
    for (i, node) in nodes.enumerated() where isForward[i] {
      guard case .affine(let factors, let bias) = node.operation else { continue }
      let (x, h) = (factors.contains(where: isInput), factors.contains(where: isState))
      gates.append((i, factors, bias, h ? x ? 1 : 0 : x ? 2 : 3))
    }
    let ordered = gates.enumerated().sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }.map(\.element)
    for gate in ordered {
      let start = gateWidth
      place[gate.node] = Place(memory: Memory.record, offset: start, pitch: Self.recordPitch)
      gateWidth += nodes[gate.node].width
      if let bias = gate.bias, case .parameter(let parameter) = nodes[bias.node].operation {
        biases.append(.init(start: start, parameter: parameter, columns: bias.start..<(bias.start + bias.count)))
      }
    }
    // Factors with the same left rows and contiguous columns are merged into one product.
    func products(_ isWanted: (RowGraph.Factor) -> Bool, accumulates: (Int, Int) -> Bool) -> [StepProgram.ForwardProduct] {
      var result: [StepProgram.ForwardProduct] = []
      for gate in ordered {
        guard let home = place[gate.node] else { continue }
        for (index, factor) in gate.factors.enumerated() where isWanted(factor) {
          let adds = accumulates(gate.node, index)
          if let left = place[factor.row.node] {
            let left = Place(memory: left.memory, offset: left.offset + factor.row.start, pitch: left.pitch)
            if let i = result.lastIndex(where: { $0.left == left && $0.matrix == factor.matrix }),
              result[i].columns.end == home.offset, result[i].accumulates == adds
            {
              result[i].columns.append(factor.columns)
            } else {
              result.append(
                .init(left: left, matrix: factor.matrix, columns: .init(start: home.offset, factor.columns), accumulates: adds))
            }
          }
        }
      }
      return result
    }
    // The first product of x overwrites a gate; other products add to it. A gate without x is overwritten by its product of the
    // state where no gate needs more than that product, and is initialised from its bias otherwise.
    var writers: [Int: Int] = [:]
    for gate in ordered { writers[gate.node] = gate.factors.firstIndex(where: isInput) }
    let writesByState =
      ordered.allSatisfy { gate in gate.rank != 1 } && ordered.allSatisfy { $0.rank != 0 || $0.factors.count == 1 }
    for gate in ordered where gate.rank == 0 || gate.rank == 3 {
      if gate.rank == 0 && writesByState {
        writers[gate.node] = 0
      } else if let home = place[gate.node] {
        filled.append(home.offset..<(home.offset + nodes[gate.node].width))
      }
    }
    inputProducts = products(isInput) { node, index in writers[node] != index }
    stateProducts = products(isState) { node, index in writers[node] != index }
    recordWidth = gateWidth
  }

  /// The nodes that read a part of a node; −1 stands for a result.
  func readers(of node: Int, overlapping view: RowGraph.View) -> [Int] {
    var found: [Int] = []
    for i in nodes.indices where isLive[i] {
      for operand in RowGraph.operands(nodes[i].operation) where operand.node == node && !operand.isZero {
        if operand.start < view.start + view.count && view.start < operand.start + operand.count { found.append(i) }
      }
    }
    for value in graph.results {
      for piece in value.pieces where piece.node == node && !piece.isZero {
        if piece.start < view.start + view.count && view.start < piece.start + piece.count { found.append(-1) }
      }
    }
    return found
  }

  /// The columns of a gate that an operation may overwrite with its result, if nothing else reads them.
  func columnsInPlace(_ node: Int) -> Place? {
    let operands = RowGraph.operands(nodes[node].operation)
    switch nodes[node].operation {
    case .unary, .binary, .ternary: break
    default: return nil
    }
    for view in operands where !view.isZero && view.count == nodes[node].width {
      guard case .affine = nodes[view.node].operation, let home = place[view.node], !kept.contains(view.node),
        readers(of: view.node, overlapping: view) == [node], operands.count(where: { $0.node == view.node }) == 1
      else { continue }
      return Place(memory: Memory.record, offset: home.offset + view.start, pitch: Self.recordPitch)
    }
    return nil
  }

  mutating func newColumns(_ width: Int) -> Place {
    // Wide rows are aligned to vectors.
    if width >= 16 { recordWidth = (recordWidth + 15) / 16 * 16 }
    defer { recordWidth += width }
    return Place(memory: Memory.record, offset: recordWidth, pitch: Self.recordPitch)
  }

  mutating func placeKept() {
    for i in nodes.indices where isForward[i] && place[i] == nil {
      if let part = partAfter[i] {
        place[i] = Place(memory: Memory.after(part), offset: 0, pitch: nodes[i].width)
      } else if let home = columnsInPlace(i) {
        place[i] = home
      } else if kept.contains(i) {
        place[i] = newColumns(nodes[i].width)
      }
    }
  }

  // MARK: Instructions

  func at(_ view: RowGraph.View) -> Place {
    if view.isZero { return zero }
    guard let home = place[view.node] else { stop("StepPlan: node \(view.node) has no place") }
    return Place(memory: home.memory, offset: home.offset + view.start, pitch: home.pitch)
  }

  func operand(_ view: RowGraph.View, _ width: Int) -> (place: Place, step: Int) {
    (at(view), view.isZero || view.isWide || view.count < width ? 0 : 1)
  }

  func instruction(_ i: Int, _ kernels: Kernels) -> Instruction {
    guard let out = place[i] else { stop("StepPlan: node \(i) has no place") }
    let node = nodes[i]
    let operands = RowGraph.operands(node.operation).map { operand($0, node.width) }
    switch node.operation {
    case .unary(let f, _, let a, let b): return .unary(f, operands[0], a, b, out, node.width, kernels)
    case .binary(let f, _, _): return .binary(f, operands[0], operands[1], out, node.width, kernels)
    case .ternary(let f, _, _, _): return .ternary(f, operands, out, node.width, kernels)
    case .sum(let x): return .fold(.sum, at(x), out, x.count, kernels)
    case .maximum(let x): return .fold(.maximum, at(x), out, x.count, kernels)
    case .moments(let x, let epsilon): return .moments(at(x), epsilon, out, x.count, kernels)
    case .normalizationBack(let x, let moments, let g):
      return .normalizationBack(at(x), at(moments), at(g), out, node.width, kernels)
    case .input, .parameter, .number, .product, .affine, .join: stop("StepPlan: \(node.operation) is not an instruction")
    }
  }
}
