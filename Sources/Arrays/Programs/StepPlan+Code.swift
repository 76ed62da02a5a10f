internal import UnrollKernelTemplates

/// The instructions of a step, in stages between products within the step.
extension StepPlan {
  /// Nodes that forward computes, in order.
  var forwardNodes: [Int] { nodes.indices.filter { isForward[$0] && !isGiven($0) } }

  /// Nodes that backward computes, in order: forward values that it recomputes, and everything that depends on a cotangent.
  var backwardNodes: [Int] {
    nodes.indices.filter { (recomputed.contains($0) || isLive[$0] && !isForward[$0]) && !isGiven($0) }
  }

  /// Whether a node is a product within a step.
  func isInnerProduct(_ i: Int) -> Bool {
    switch nodes[i].operation {
    case .affine(let factors, _): factors.contains { !isInput($0) && !isState($0) }
    case .product: true
    default: false
    }
  }

  /// The stage of each node in a list. A product within the step begins a new one.
  func stages(_ list: [Int]) -> [Int: Int] {
    var (stage, result) = (0, [Int: Int]())
    for i in list {
      if isInnerProduct(i) { stage += 1 }
      result[i] = stage
    }
    return result
  }

  /// Gives columns of a record to rows that are read in a later stage than they are made in, since they outlive their block of
  /// rows.
  mutating func placeCrossing(_ list: [Int], isForward: Bool) {
    let stages = stages(list)
    func cross(_ node: Int) {
      guard place[node] == nil, stages[node] != nil else { return }
      if isForward {
        place[node] = newColumns(nodes[node].width)
      } else {
        place[node] = Place(memory: Memory.cotangents, offset: cotangentWidth, pitch: Self.recordPitch)
        cotangentWidth += nodes[node].width
      }
    }
    for i in list {
      let isProduct = isInnerProduct(i)
      if !isForward && isProduct { cross(i) }
      for view in RowGraph.operands(nodes[i].operation) where !view.isZero {
        if isProduct && isForward || stages[view.node].map({ $0 < (stages[i] ?? 0) }) ?? false { cross(view.node) }
      }
    }
    guard !isForward, let last = stages.values.max(), last > 0 else { return }
    // Results are copied or summed in the last stage.
    for value in graph.results.dropFirst(graph.next.count) {
      for piece in value.pieces where !piece.isZero { cross(piece.node) }
    }
  }

  /// Gives every node without a place rows of the scratch memory, for as long as they are read. Parts of a joined row are
  /// computed in place within that row.
  mutating func placeInScratch(_ list: [Int], alive: Set<Int>) {
    var lastUse: [Int: Int] = [:]
    for (position, i) in list.enumerated() {
      for view in RowGraph.operands(nodes[i].operation) where !view.isZero { lastUse[view.node] = position }
    }
    for i in alive { lastUse[i] = list.count }
    let homes = partsInJoins(list)
    for (part, home) in homes { lastUse[home.join] = max(lastUse[home.join] ?? 0, lastUse[part] ?? 0) }
    let isInList = Set(list)
    // Freed rows by width: a register allocator with a free list per size.
    var free: [Int: [Int]] = [:]
    var width = 0
    func newRow(_ count: Int) -> Place {
      if let offset = free[count]?.popLast() { return Place(memory: Memory.scratch, offset: offset, pitch: count) }
      defer { width += count }
      return Place(memory: Memory.scratch, offset: width * blockRows, pitch: count)
    }
    for (position, i) in list.enumerated() {
      let operands = RowGraph.operands(nodes[i].operation).filter { !$0.isZero }
      var ending: [(width: Int, offset: Int, isWhole: Bool)] = []
      for node in Set(operands.map(\.node)) {
        guard lastUse[node] == position, let home = place[node], home.memory == Memory.scratch, isInList.contains(node),
          homes[node] == nil
        else { continue }
        let isWhole = operands.allSatisfy {
          $0.node != node || ($0.start == 0 && $0.count == nodes[i].width && nodes[node].width == nodes[i].width)
        }
        ending.append((nodes[node].width, home.offset, isWhole))
      }
      // A row that is read and written element by element can be reused for the result of its last reader.
      for row in ending where row.isWhole { free[row.width, default: []].append(row.offset) }
      if place[i] == nil, !isJoinOfOthers(i) {
        if let home = homes[i] {
          let row = place[home.join] ?? newRow(nodes[home.join].width)
          place[home.join] = row
          place[i] = Place(memory: row.memory, offset: row.offset + home.offset, pitch: row.pitch)
        } else {
          place[i] = newRow(nodes[i].width)
        }
      }
      for row in ending where !row.isWhole { free[row.width, default: []].append(row.offset) }
    }
    scratchWidth = max(scratchWidth, width)
  }

  /// The nodes that are computed inside a joined row, and their offsets in it.
  private func partsInJoins(_ list: [Int]) -> [Int: (join: Int, offset: Int)] {
    let stages = stages(list)
    var (homes, seen) = ([Int: (join: Int, offset: Int)](), Set<Int>())
    for i in list where place[i] == nil && !isJoinOfOthers(i) {
      guard case .join(let parts) = nodes[i].operation else { continue }
      var offset = 0
      for part in parts {
        defer { offset += part.count }
        guard !part.isZero, !part.isWide, part.count == nodes[part.node].width, place[part.node] == nil,
          let stage = stages[part.node], stage == stages[i]
        else { continue }
        homes[part.node] = seen.insert(part.node).inserted ? (i, offset) : nil
      }
    }
    return homes
  }

  /// Whether a node is a joined row of cotangents whose parts are all placed, and which only products read: these read the
  /// parts.
  func isJoinOfOthers(_ i: Int) -> Bool {
    guard case .join(let parts) = nodes[i].operation, nodes[i].isBackward, parts.allSatisfy({ atoms.contains($0) }) else {
      return false
    }
    return readers(of: i, overlapping: whole(i)).allSatisfy { reader in
      if reader >= 0, case .product(_, _, true, _) = nodes[reader].operation { true } else { false }
    }
  }

  func copy(_ view: RowGraph.View, to out: Place, _ kernels: Kernels) -> Instruction {
    let (place, step) = operand(view, view.count)
    if step == 1 && !view.isZero { return .copy(place, out, view.count) }
    return .binary(.addition, (place, 0), (zero, 0), out, view.count, kernels)
  }

  // MARK: Forward

  mutating func emitForward() {
    let kernels = Machine.kernels(for: type)
    let list = forwardNodes
    var alive: Set<Int> = []
    for value in graph.next { for piece in value.pieces where !piece.isZero { alive.insert(piece.node) } }
    placeInScratch(list, alive: alive)
    var rows: [Instruction] = []
    for i in list {
      switch nodes[i].operation {
      case .affine(let factors, _):
        for factor in factors where !isInput(factor) && !isState(factor) {
          guard let home = place[i] else { continue }
          if !rows.isEmpty { forward.append(.rows(rows)) }
          rows = []
          forward.append(
            .forward(
              .init(
                left: at(factor.row), matrix: factor.matrix, columns: .init(start: home.offset, factor.columns),
                accumulates: true)))
        }
      case .join(let parts):
        guard let home = place[i] else { continue }
        rows += copies(parts, home, kernels)
      default: rows.append(instruction(i, kernels))
      }
    }
    for (part, value) in graph.next.enumerated() {
      let home = Place(memory: Memory.after(part), offset: 0, pitch: graph.stateWidths[part])
      if let only = value.merged.pieces.first, !only.isZero, value.merged.pieces.count == 1, place[only.node] == home,
        only.count == nodes[only.node].width
      {
        continue
      }
      rows += copies(value.pieces, home, kernels)
    }
    if !rows.isEmpty { forward.append(.rows(rows)) }
  }

  func copies(_ parts: [RowGraph.View], _ home: Place, _ kernels: Kernels) -> [Instruction] {
    var (result, offset) = ([Instruction](), home.offset)
    for part in parts {
      let target = Place(memory: home.memory, offset: offset, pitch: home.pitch)
      if part.isZero || part.isWide || at(part) != target { result.append(copy(part, to: target, kernels)) }
      offset += part.count
    }
    return result
  }
}
