internal import UnrollKernelTemplates

/// A run of steps, as times.
struct Segment {
  /// The how-manieth segment to run.
  let index: Int
  let times: Range<Int>
}

/// Where a segment's rows lie: the gates of its first time, and the states before its first time.
struct SegmentRows {
  let gates: UnsafeMutableRawPointer
  let hidden: UnsafeMutableRawPointer
  let cells: UnsafeMutableRawPointer
  let weights: UnsafeRawPointer
}

/// Weights laid out for many products, where they meet several and enough rows to be worth it.
private struct PackedWeights {
  let input: PackedMatrix?
  let recurrent: PackedMatrix?

  init(_ weights: StepWeights, _ sequence: RecurrentSequence, parts: Int) {
    let pays = sequence.stepCount * sequence.batch >= 8
    input = pays && parts > 1 ? PackedMatrix(weights.input) : nil
    recurrent = pays ? PackedMatrix(weights.recurrentBlocks(sequence.rule)) : nil
  }
}

extension RecurrentSequence {
  /// All segments, in the order in which they run.
  var segments: [Segment] { segments(every: segmentLength) }

  private func segments(every length: Int) -> [Segment] {
    (0..<((stepCount - 1) / length + 1)).map { index in
      let first = index * length
      let last = min(first + length, stepCount)
      return Segment(index: index, times: isReversed ? (stepCount - last)..<(stepCount - first) : first..<last)
    }
  }

  /// How many rows a thread takes for a whole segment. Few rows stay together, and their products are split by columns.
  var rowGrain: Int {
    let work = batch * rule.blocks * size * size
    if batch < 8 || work < 2 * Product.splitGrain { return batch }
    let block = rule.addedRows > 0 ? StepRule.rowsAdded : 1
    return ((batch - 1) / (block * Machine.operationThreads) + 1) * block
  }

  /// Forward through all segments.
  func run(_ x: NDArray, _ weights: StepWeights) {
    let parts = gates == nil ? segments : segments(every: partLength)
    let packed = PackedWeights(weights, self, parts: parts.count)
    withScratch(byteCount: gates == nil ? segmentLength * gateBytes : 0) { scratch in
      withScratch(byteCount: rule.hasCell && !keepsAllCells ? (segmentLength + 1) * stateBytes : 0) { scratchCells in
        for segment in parts {
          let cells = beginCells(segment, scratchCells)
          let rows = SegmentRows(
            gates: gates.map { $0.fill { $0 + segment.times.lowerBound * gateBytes } } ?? scratch,
            hidden: hidden.fill { $0 + segment.times.lowerBound * stateBytes }, cells: cells,
            weights: weights.extra.map { $0.read { $0 } } ?? UnsafeRawPointer(cells))
          let next = segment.index + 1 < parts.count ? parts[segment.index + 1] : segment
          project(x, segment, weights, packed.input, rows.gates, ahead: next)
          run(segment, rows, weights, packed.recurrent, ahead: next)
          endCells(segment, cells)
        }
      }
    }
    withExtendedLifetime((hidden, cells, gates, weights.extra)) {}
  }

  /// Where the memories of a segment go: to their place among all, or to `scratch`, beginning with the one at the edge.
  private func beginCells(_ segment: Segment, _ scratch: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
    guard let cells else { return hidden.fill { $0 } }
    if keepsAllCells { return cells.fill { $0 + segment.times.lowerBound * stateBytes } }
    copyEdge(segment, to: scratch)
    return scratch
  }

  /// Copies the memory that a segment begins from to its place among the segment's memories.
  func copyEdge(_ segment: Segment, to memories: UnsafeMutableRawPointer) {
    guard let cells else { return }
    let slot = isReversed ? segment.times.count : 0
    let edge = keepsAllCells ? segment.times.lowerBound + slot : segment.index
    cells.read { from in
      (memories + slot * stateBytes).copyMemory(from: from + edge * stateBytes, byteCount: stateBytes)
    }
  }

  private func endCells(_ segment: Segment, _ scratch: UnsafeRawPointer) {
    guard let cells, !keepsAllCells else { return }
    let slot = isReversed ? 0 : segment.times.count
    cells.fill { edges in
      (edges + (segment.index + 1) * stateBytes).copyMemory(from: scratch + slot * stateBytes, byteCount: stateBytes)
    }
  }

  /// What the inputs of a segment contribute to its gates: one product. The inputs of the next segment are brought near meanwhile.
  func project(
    _ x: NDArray, _ segment: Segment, _ weights: StepWeights, _ packed: PackedMatrix?, _ gates: UnsafeMutableRawPointer,
    ahead next: Segment
  ) {
    let (input, inputs, bytes) = (weights.input, x.shape[2], type.size)
    x.read { x in
      input.read { w in
        withOptionalAddress(of: weights.bias) { bias in
          var product = Product(
            a: Operand(x + segment.times.lowerBound * batch * inputs * bytes, row: inputs, column: 1),
            b: packed.map { .packed(UnsafeRawPointer($0.storage.pointer)) }
              ?? .matrix(Operand(w, row: input.view.strides[0], column: input.view.strides[1])),
            c: Target(
              gates + rule.projected.lowerBound * size * bytes, row: rule.width(size), accumulates: false, bias: bias),
            rows: segment.times.count * batch, columns: rule.projected.count * size, depth: inputs)
          product.ahead = Region(
            x + next.times.lowerBound * batch * inputs * bytes, byteCount: next.times.count * batch * inputs * bytes)
          product.run(hidden.kernels.products, elementSize: bytes)
        }
      }
    }
  }

  /// The steps of one segment, whose gates hold what the inputs contribute. Those of the next segment are brought near meanwhile.
  func run(_ segment: Segment, _ rows: SegmentRows, _ weights: StepWeights, _ packed: PackedMatrix?, ahead next: Segment) {
    let step = rule.kernels(hidden.kernels.gates).forward
    let products = hidden.kernels.products
    let (bytes, width) = (type.size, rule.width(size))
    let plain = packed == nil ? weights.recurrentBlocks(rule) : weights.recurrent
    let addsNothing = segment.index == 0 && rule.beginsFromBlocks && beginsFromZero
    plain.read { u in
      parallel(batch, grain: rowGrain) { part in
        for position in 0..<segment.times.count {
          let t = isReversed ? segment.times.count - 1 - position : position
          let (before, after) = isReversed ? (t + 1, t) : (t, t + 1)
          let here = rows.gates + t * gateBytes + part.lowerBound * width * bytes
          let state = part.lowerBound * size * bytes
          if rule == .gru { beginCandidates(here, part.count, weights.extra == nil ? nil : rows.weights) }
          var product = Product(
            a: Operand(rows.hidden + before * stateBytes + state, row: size, column: 1),
            b: packed.map { .packed(UnsafeRawPointer($0.storage.pointer)) }
              ?? .matrix(Operand(u, row: plain.view.strides[0], column: plain.view.strides[1])),
            c: Target(here, row: width, accumulates: rule.beginsFromBlocks, bias: nil), rows: part.count,
            columns: rule.recurred.count * size, depth: size)
          product.ahead = gatesAhead(next, position, part)
          if position > 0 || !addsNothing { product.run(products, elementSize: bytes) }
          forEachRun(segment.times.lowerBound + t, part) { run in
            let here = self.rows(rows, t, run, before, after)
            step(here, run.count, size)
            keepZones(here, segment.times.lowerBound + t, run)
          } idle: { run in
            keep(rows.hidden, run, before, after)
            if rule.hasCell { keep(rows.cells, run, before, after) }
          }
        }
      }
    }
    withExtendedLifetime(packed?.storage) {}
  }

  /// The kept gates of some rows of a segment's step.
  func gatesAhead(_ segment: Segment, _ position: Int, _ part: Range<Int>) -> Region? {
    guard let gates, position < segment.times.count else { return nil }
    let time = isReversed ? segment.times.upperBound - 1 - position : segment.times.lowerBound + position
    let row = rule.width(size) * type.size
    return gates.read { Region($0 + time * gateBytes + part.lowerBound * row, byteCount: part.count * row) }
  }

  /// Whether the hidden state before the first step is zero, so that it adds nothing to the gates. Weights that are not finite show
  /// from the second step on.
  private var beginsFromZero: Bool {
    hidden.read { states in
      let first = states + (isReversed ? stepCount : 0) * stateBytes
      return (0..<(stateBytes / 4)).allSatisfy { first.load(fromByteOffset: 4 * $0, as: UInt32.self) == 0 }
    }
  }

  func forEachRun(_ t: Int, _ part: Range<Int>, active body: (Range<Int>) -> Void, idle: (Range<Int>) -> Void) {
    if let active { active.forEachRun(at: t, in: part, active: body, idle: idle) } else { body(part) }
  }

  /// Some rows of step t of a segment.
  func rows(_ rows: SegmentRows, _ t: Int, _ run: Range<Int>, _ before: Int, _ after: Int) -> StepRows {
    let state = run.lowerBound * size * type.size
    return StepRows(
      gates: rows.gates + t * gateBytes + run.lowerBound * rule.width(size) * type.size, width: rule.width(size),
      hiddenBefore: UnsafeRawPointer(rows.hidden + before * stateBytes + state),
      hidden: rows.hidden + after * stateBytes + state,
      cellBefore: UnsafeRawPointer(rows.cells + before * stateBytes + state), cell: rows.cells + after * stateBytes + state,
      weights: rows.weights)
  }

  /// Rows that take no part keep their state.
  private func keep(_ states: UnsafeMutableRawPointer, _ run: Range<Int>, _ before: Int, _ after: Int) {
    let row = size * type.size
    (states + after * stateBytes + run.lowerBound * row).copyMemory(
      from: states + before * stateBytes + run.lowerBound * row, byteCount: run.count * row)
  }

  /// A GRU's candidates begin from the bias inside the reset gate.
  private func beginCandidates(_ gates: UnsafeMutableRawPointer, _ count: Int, _ bias: UnsafeRawPointer?) {
    let bytes = size * type.size
    for row in 0..<count {
      let target = gates + row * rule.width(size) * type.size
      if let bias {
        target.copyMemory(from: bias, byteCount: bytes)
      } else {
        _ = target.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
      }
    }
  }
}

/// The address of an array that there may be.
func withOptionalAddress<R>(of array: NDArray?, _ body: (UnsafeRawPointer?) -> R) -> R {
  if let array { array.read { body($0) } } else { body(nil) }
}
