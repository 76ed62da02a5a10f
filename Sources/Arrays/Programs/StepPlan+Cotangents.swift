internal import UnrollKernelTemplates

/// Backward: the layout of the cotangents of products, and the terms of every cotangent.
extension StepPlan {
  /// A row of cotangents of a matrix's columns, with a rank for the order of columns.
  private struct Right {
    let matrix: Int
    let value: RowValue
    let rank: Int
  }

  /// Gives the cotangents of products columns of a record, in the order of the gates that they belong to.
  mutating func placeCotangents() {
    var rights: [Right] = []
    for entry in graph.byMatrix { rights.append(Right(matrix: entry.matrix, value: entry.right, rank: rank(entry.left))) }
    for row in ([graph.byInput] + graph.byState).flatMap(\.products) {
      rights.append(Right(matrix: row.matrix, value: row.row, rank: 3))
    }
    for i in backwardNodes {
      if case .product(let row, let matrix, true, _) = nodes[i].operation {
        rights.append(Right(matrix: matrix, value: parts(of: row), rank: 3))
      }
    }
    // Rows that overlap are cut at each other's boundaries, so that every piece (an atom) has one place.
    var bounds: [Int: Set<Int>] = [:]
    for right in rights {
      for piece in right.value.pieces where !piece.isZero && !piece.isWide {
        bounds[piece.node, default: []].formUnion([piece.start, piece.start + piece.count])
      }
    }
    var ranks: [RowGraph.View: Set<Int>] = [:]
    var order: [RowGraph.View] = []
    for right in rights {
      for piece in right.value.pieces where !piece.isZero {
        for atom in cut(piece, bounds) {
          if ranks[atom] == nil { order.append(atom) }
          ranks[atom, default: []].insert(right.rank)
        }
      }
    }
    // The order of the gates: columns of matrices that multiply the state only, the state and x, x only, then the rest. So each
    // product reads contiguous columns.
    func key(_ atom: RowGraph.View) -> Int {
      let found = ranks[atom] ?? []
      return found.contains(0) ? found.contains(2) ? 1 : 0 : found.contains(2) ? 2 : 3
    }
    let sorted = order.enumerated().sorted { (key($0.element), $0.offset) < (key($1.element), $1.offset) }
    for (_, atom) in sorted {
      atoms.append(atom)
      atomStarts.append(cotangentWidth)
      cotangentWidth += atom.count
    }
    placeWholeNodes()
    cutAtoms = bounds
    let list = backwardNodes
    placeCrossing(list, isForward: false)
    cotangentWidth = spreadWidth(max(cotangentWidth, 1))
    settle(Memory.cotangents, cotangentWidth)
  }

  /// The pieces of a row of cotangents.
  func parts(of row: RowGraph.View) -> RowValue {
    if case .join(let parts) = nodes[row.node].operation, row.count == nodes[row.node].width { return RowValue(parts) }
    return RowValue([row])
  }

  private func rank(_ left: RowValue) -> Int {
    guard left.pieces.count == 1, case .input(let given) = nodes[left.pieces[0].node].operation else { return 3 }
    return given == StepGraph.x ? 2 : 0
  }

  private func cut(_ piece: RowGraph.View, _ bounds: [Int: Set<Int>]) -> [RowGraph.View] {
    if piece.isWide { return [piece] }
    let inside = (bounds[piece.node] ?? []).filter { $0 > piece.start && $0 < piece.start + piece.count }.sorted()
    var (result, start) = ([RowGraph.View](), piece.start)
    for end in inside + [piece.start + piece.count] {
      result.append(RowGraph.View(node: piece.node, start: start, count: end - start))
      start = end
    }
    return result
  }

  /// Places nodes that consist of consecutive atoms in the record itself, so that they are not copied there.
  private mutating func placeWholeNodes() {
    for (index, atom) in atoms.enumerated() where atom.start == 0 && place[atom.node] == nil && !isGiven(atom.node) {
      var (end, next) = (atom.count, index + 1)
      while next < atoms.count, atoms[next].node == atom.node, atoms[next].start == end {
        end += atoms[next].count
        next += 1
      }
      let width = nodes[atom.node].width
      guard end == width else { continue }
      if case .join = nodes[atom.node].operation { continue }
      place[atom.node] = Place(memory: Memory.cotangents, offset: atomStarts[index], pitch: Self.recordPitch)
    }
  }

  /// The location of a row's pieces in the record: ranges of contiguous columns, and the columns of the row that they hold.
  func runs(_ value: RowValue) -> [StepProgram.Columns] {
    var places: [(start: Int, columns: Range<Int>)] = []
    var column = 0
    for piece in value.pieces {
      if piece.isZero {
        column += piece.count
        continue
      }
      for atom in cut(piece, cutAtoms) {
        if let index = atoms.firstIndex(of: atom) { places.append((atomStarts[index], column..<(column + atom.count))) }
        column += atom.count
      }
    }
    places.sort { $0.start < $1.start }
    var runs: [StepProgram.Columns] = []
    for place in places {
      if let last = runs.last, last.end == place.start {
        runs[runs.count - 1].append(place.columns)
      } else {
        runs.append(.init(start: place.start, place.columns))
      }
    }
    return runs
  }

  // MARK: Instructions

  mutating func emitBackward() {
    let kernels = Machine.kernels(for: type)
    addWeights()
    let (sums, alive) = planSums()
    var list = backwardNodes
    let last = nodesWrittenLast(list)
    list.removeAll { last.values.contains($0) }
    for (part, node) in last { place[node] = Place(memory: Memory.byState(part), offset: 0, pitch: graph.stateWidths[part]) }
    var lasting = alive
    for node in last.values {
      for view in RowGraph.operands(nodes[node].operation) where !view.isZero { lasting.insert(view.node) }
    }
    for cotangent in [graph.byInput] + graph.byState {
      for piece in cotangent.value?.pieces ?? [] where !piece.isZero { lasting.insert(piece.node) }
    }
    for piece in graph.byNext.compactMap({ $0 }).flatMap(\.pieces) where !piece.isZero { lasting.insert(piece.node) }
    placeInScratch(list, alive: lasting.union(atoms.map(\.node)))
    var rows: [Instruction] = []
    func flush() {
      if !rows.isEmpty { backward.append(.rows(rows)) }
      rows = []
    }
    // Cotangents that products read are written to the record as soon as they are computed; those given from outside are copied
    // first.
    for (atom, start) in zip(atoms, atomStarts) where isGiven(atom.node) || !list.contains(atom.node) {
      rows.append(copy(atom, to: cotangentPlace(start), kernels))
    }
    for i in list {
      switch nodes[i].operation {
      case .product(let row, let matrix, true, _):
        flush()
        for (index, run) in runs(parts(of: row)).enumerated() {
          backward.append(
            .backward(
              .init(matrix: matrix, columns: run, target: at(whole(i)), accumulates: index > 0)))
        }
      case .join(let parts):
        if let home = place[i] { rows += copies(parts, home, kernels) }
      default: rows.append(instruction(i, kernels))
      }
      for (atom, start) in zip(atoms, atomStarts) where atom.node == i && at(atom) != cotangentPlace(start) {
        rows.append(copy(atom, to: cotangentPlace(start), kernels))
      }
    }
    for sum in sums {
      let (from, step) = operand(sum.view, sum.view.count)
      rows.append(.add((from, step), to: Place(memory: Memory.sums, offset: sum.start, pitch: 0), sum.view.count, kernels))
    }
    rows += endings(last, kernels)
    flush()
  }

  func whole(_ i: Int) -> RowGraph.View { RowGraph.View(node: i, start: 0, count: nodes[i].width) }

  private func cotangentPlace(_ start: Int) -> Place {
    Place(memory: Memory.cotangents, offset: start, pitch: cotangentWidth)
  }

  /// Nodes that are the whole cotangent of a part of the state and have no other reader. They are computed last, directly in
  /// that cotangent's memory, so that nothing reads an overwritten value.
  private func nodesWrittenLast(_ list: [Int]) -> [Int: Int] {
    var result: [Int: Int] = [:]
    for (part, cotangent) in graph.byState.enumerated() {
      guard let pieces = cotangent.value?.merged.pieces, pieces.count == 1, !pieces[0].isZero else { continue }
      let node = pieces[0].node
      guard list.contains(node), place[node] == nil, pieces[0].count == nodes[node].width, !isInnerProduct(node) else {
        continue
      }
      if case .join = nodes[node].operation { continue }
      let readers = graph.readers()[node]
      // The node must not read a cotangent that an earlier one of these has overwritten.
      let isFree = RowGraph.operands(nodes[node].operation).allSatisfy { view in
        guard !view.isZero, case .input(let given) = nodes[view.node].operation, given >= RowGraph.firstCotangent else {
          return true
        }
        return result[given - RowGraph.firstCotangent] == nil
          && (given - RowGraph.firstCotangent != part || view.count == nodes[node].width)
      }
      if readers.count == 1 && isFree { result[part] = node }
    }
    return result
  }

  /// The last instructions of a step backward.
  private mutating func endings(_ last: [Int: Int], _ kernels: Kernels) -> [Instruction] {
    var (first, final) = ([Instruction](), [Instruction]())
    for (part, value) in graph.byNext.enumerated() {
      let memory = Memory.byNext(part, parts: graph.stateWidths.count, draws: graph.drawWidths.count)
      let width = graph.stateWidths[part]
      let pieces = value?.pieces ?? [.zeros(width)]
      first += copies(pieces, Place(memory: memory, offset: 0, pitch: width), kernels)
    }
    if let value = graph.byInput.value {
      passesInput = true
      first += copies(value.pieces, Place(memory: Memory.byInput, offset: 0, pitch: graph.inputWidth), kernels)
    }
    for part in graph.byState.indices {
      let (cotangent, width) = (graph.byState[part], graph.stateWidths[part])
      let home = Place(memory: Memory.byState(part), offset: 0, pitch: width)
      passesState.append(cotangent.value != nil)
      if last[part] != nil { continue }
      guard let value = cotangent.value else {
        if cotangent.products.isEmpty { final.append(copy(.zeros(width), to: home, kernels)) }
        continue
      }
      if value.merged.pieces.count == 1, at(value.merged.pieces[0]) == home { continue }
      // Another part's cotangent may be overwritten before it is copied, so it is saved in scratch rows first.
      var offset = 0
      for piece in value.pieces {
        let target = Place(memory: home.memory, offset: offset, pitch: width)
        if !piece.isZero, case .input(let given) = nodes[piece.node].operation, given >= RowGraph.firstCotangent {
          let wait = Place(memory: Memory.scratch, offset: scratchWidth * blockRows, pitch: piece.count)
          scratchWidth += piece.count
          first.append(copy(piece, to: wait, kernels))
          final.append(.copy(wait, target, piece.count))
        } else {
          final.append(copy(piece, to: target, kernels))
        }
        offset += piece.count
      }
    }
    let written = last.sorted { $0.value < $1.value }.map { instruction($0.value, kernels) }
    return first + written + final
  }

  /// Plans the cotangents of parameters: column sums of the record where they consist of cotangents of products only, else
  /// separate sums.
  private mutating func planSums() -> (sums: [(view: RowGraph.View, start: Int)], alive: Set<Int>) {
    var (sums, alive) = ([(view: RowGraph.View, start: Int)](), Set<Int>())
    for (parameter, value) in graph.byParameter {
      let pieces = value.merged.pieces
      let cuts = pieces.flatMap { $0.isZero ? [$0] : cut($0, cutAtoms) }
      if !cuts.isEmpty, cuts.allSatisfy({ atoms.contains($0) }), graph.parameterWidths[parameter] == value.width {
        var ranges: [Range<Int>] = []
        for atom in cuts {
          let start = atomStarts[atoms.firstIndex(of: atom) ?? 0]
          if let last = ranges.last, last.upperBound == start {
            ranges[ranges.count - 1] = last.lowerBound..<(start + atom.count)
          } else {
            ranges.append(start..<(start + atom.count))
          }
        }
        columnSums.append((parameter, ranges))
        continue
      }
      rowSums.append((parameter, sumWidth, value.width))
      var start = sumWidth
      for piece in pieces {
        if !piece.isZero {
          sums.append((piece, start))
          alive.insert(piece.node)
        }
        start += piece.count
      }
      sumWidth += value.width
    }
    return (sums, alive)
  }

  /// The products that end a step or a segment backward.
  mutating func addWeights() {
    func products(_ cotangent: StepGraph.Cotangent, _ target: Place, passes: Bool) -> [StepProgram.BackwardProduct] {
      cotangent.products.flatMap { product in
        runs(product.row).map { run in (run, product.matrix) }
      }.enumerated().map { index, item in
        StepProgram.BackwardProduct(
          matrix: item.1, columns: item.0, target: target, accumulates: passes || index > 0)
      }
    }
    stateCotangents = graph.byState.enumerated().map { part, cotangent in
      products(
        cotangent, Place(memory: Memory.byState(part), offset: 0, pitch: graph.stateWidths[part]),
        passes: cotangent.value != nil)
    }
    inputCotangents = products(
      graph.byInput, Place(memory: Memory.byInput, offset: 0, pitch: graph.inputWidth), passes: graph.byInput.value != nil)
    for entry in graph.byMatrix {
      guard let left = entry.left.merged.pieces.first, entry.left.merged.pieces.count == 1 else {
        stop("StepPlan: the left factor of a matrix's gradient is in several pieces")
      }
      for run in runs(entry.right) {
        weights.append(
          .init(left: at(left), rows: left.count, matrix: entry.matrix, columns: run))
      }
    }
  }
}
