internal import UnrollKernelTemplates

extension RecurrentSequence {
  /// The cotangents of the results; nil is zero.
  package struct Cotangents: Sendable {
    /// Of the outputs, and of all memories, `[time, batch, hidden]`.
    package var outputs, cells: NDArray?
    /// Of the states after the last steps, `[batch, hidden]`.
    package var lastHidden, lastCell: NDArray?

    package init(outputs: NDArray?, lastHidden: NDArray?, lastCell: NDArray?, cells: NDArray?) {
      self.outputs = outputs?.contiguous()
      self.cells = cells?.contiguous()
      self.lastHidden = lastHidden
      self.lastCell = lastCell
    }
  }

  /// The cotangents of what a sequence begins from: those that were asked for.
  package struct Gradient: Sendable {
    package var input, inputWeight, recurrentWeight, bias, extra, hidden, cell: NDArray?
  }

  /// Which cotangents are asked for.
  package struct Wanted: Sendable {
    let input, state, inputWeight, recurrentWeight, bias, extra: Bool

    package init(input: Bool, state: Bool, inputWeight: Bool, recurrentWeight: Bool, bias: Bool, extra: Bool) {
      self.input = input
      self.state = state
      self.inputWeight = inputWeight
      self.recurrentWeight = recurrentWeight
      self.bias = bias
      self.extra = extra
    }
  }

  /// The way back: through the segments from the last to the first, each time through the steps, and then one product for each
  /// weight and the input.
  package func backward(_ given: Cotangents, _ x: NDArray, _ weights: StepWeights, _ wanted: Wanted) -> Gradient {
    let walk = BackwardWalk(self, given, x, weights, wanted)
    for segment in segments.reversed() { walk.run(segment) }
    return walk.result
  }
}

/// The state of a walk back, between segments. An object, so that closures within hold one reference, not all of its arrays.
private final class BackwardWalk {
  let sequence: RecurrentSequence
  let given: RecurrentSequence.Cotangents
  let x: NDArray
  let weights: StepWeights
  let wanted: RecurrentSequence.Wanted
  /// The recurrent weights, columns as the blocks lie, for computing again what was not kept, and their transpose for the way back.
  private let packed: PackedMatrix?
  private let packedBack: PackedMatrix
  /// The cotangents of the gates of a segment, or of the last few steps where nobody asks for those of a whole segment.
  private let byGates: NDArray
  private let keepsCotangents: Bool
  private var weightProduct: WeightProduct?
  /// The cotangent of the output from the step after, and that of the memory.
  private let next: NDArray
  private let byCell: NDArray?
  private let zeros: NDArray?
  /// What waits beside a step whose states partly stay.
  private let waiting: NDArray?
  /// The cotangents of a normalised step's weights, of each block of rows.
  private let byWeights: NDArray?
  private var gradient = RecurrentSequence.Gradient()

  private var rule: StepRule { sequence.rule }
  private var size: Int { sequence.size }
  private var batch: Int { sequence.batch }
  private var type: ElementType { sequence.type }

  init(
    _ sequence: RecurrentSequence, _ given: RecurrentSequence.Cotangents, _ x: NDArray, _ weights: StepWeights,
    _ wanted: RecurrentSequence.Wanted
  ) {
    self.sequence = sequence
    self.given = given
    self.x = x
    self.weights = weights
    self.wanted = wanted
    let rule = sequence.rule
    let blocks = weights.recurrentBlocks(rule)
    packed = rule.keepsGates && sequence.gates == nil ? PackedMatrix(blocks) : nil
    packedBack = PackedMatrix(blocks.transposed())
    let (type, shape) = (sequence.type, Shape([sequence.batch, sequence.size]))
    let isJoint = rule.projected == rule.recurred && wanted.inputWeight && wanted.recurrentWeight
    weightProduct = isJoint ? WeightProduct(sequence, inputs: x.shape[2]) : nil
    keepsCotangents = !isJoint || wanted.input || (rule == .peepholeLSTM && wanted.extra)
    let kept = keepsCotangents ? sequence.segmentLength : StepCotangentRows.together(sequence)
    byGates = NDArray(uninitialized: [kept * sequence.batch, rule.cotangentBlocks * sequence.size], type)
    next = Self.owned(given.lastHidden, shape, type)
    byCell = rule.hasCell ? Self.owned(given.lastCell, shape, type) : nil
    zeros = given.outputs == nil ? NDArray.zeros(shape, type) : nil
    waiting = sequence.zones.map { _ in NDArray(uninitialized: [4, shape[0], shape[1]], type) }
    let blocksOfRows = (shape[0] - 1) / StepRule.rowsAdded + 1
    byWeights = rule.addedRows > 0 ? Self.owned(nil, [blocksOfRows, rule.addedRows * shape[1]], type) : nil
    if wanted.input { gradient.input = NDArray(uninitialized: x.shape, type) }
  }

  /// Memory of its own that holds the given numbers, or zeros.
  private static func owned(_ array: NDArray?, _ shape: Shape, _ type: ElementType) -> NDArray {
    guard var copy = array?.contiguous() else {
      var zeros = NDArray.zeros(shape, type)
      zeros.makeWritable(keepingElements: true)
      return zeros
    }
    copy.makeWritable(keepingElements: true)
    return copy
  }

  var result: RecurrentSequence.Gradient {
    var result = gradient
    result.recurrentWeight = result.recurrentWeight.map { StepWeights.weights(ofBlocks: $0, rule) }
    if let weightProduct {
      result.inputWeight = weightProduct.byInputWeight
      result.recurrentWeight = weightProduct.byRecurrentWeight
      if wanted.bias { result.bias = weightProduct.byBias }
    }
    result.hidden = wanted.state ? next : nil
    result.cell = wanted.state ? byCell : nil
    if let byWeights, wanted.extra { result.extra = byWeights.sum(axes: 0) }
    return result
  }

  func run(_ segment: Segment) {
    let times = segment.times
    let states = SegmentStates(sequence, segment, x, weights, packed)
    weightProduct?.begin(segment)
    steps(segment, states)
    let rows = times.count * batch
    let gates = byGates[..<(keepsCotangents ? rows : 0)]
    let projected = gates[.all, (rule.projected.lowerBound * size)..<(rule.projected.upperBound * size)]
    let inputs = x[times].reshaped([rows, x.shape[2]])
    if weightProduct != nil {
      weightProduct?.add(inputs, states.hiddenBefore)
    } else {
      let recurred = gates[.all, (rule.recurred.lowerBound * size)..<(rule.recurred.upperBound * size)]
      if wanted.inputWeight { add(inputs.transposed(), projected, to: \.inputWeight) }
      if wanted.recurrentWeight { add(states.hiddenBefore.transposed(), recurred, to: \.recurrentWeight) }
      if wanted.bias { add(projected.sum(axes: 0), to: \.bias) }
    }
    if wanted.extra && byWeights == nil { add(byExtra(gates, states), to: \.extra) }
    if wanted.input { multiplyInput(projected, times) }
  }

  /// Through the steps of a segment, from the last to the first that ran.
  private func steps(_ segment: Segment, _ states: SegmentStates) {
    let step = rule.kernels(sequence.hidden.kernels.gates).backward
    let products = sequence.hidden.kernels.products
    let (bytes, width, batch) = (type.size, rule.cotangentBlocks * size, batch)
    let rows = states.rows(weights.extra)
    let addresses = Addresses(
      above: (given.outputs ?? zeros).map { $0.read { $0 } }, cells: given.cells.map { $0.read { $0 } }, next: next.fill { $0 },
      byCell: (byCell ?? next).fill { $0 },
      byGates: StepCotangentRows(sequence, segment, byGates, weightProduct?.right),
      byWeights: (byWeights ?? next).fill { $0 }, waiting: waiting.map { $0.fill { $0 } })
    let passes = rule.passesState || sequence.active != nil || sequence.zones?.hidden != nil
    parallel(batch, grain: sequence.rowGrain) { part in
      for position in (0..<segment.times.count).reversed() {
        let t = sequence.isReversed ? segment.times.count - 1 - position : position
        let (before, after) = sequence.isReversed ? (t + 1, t) : (t, t + 1)
        let time = segment.times.lowerBound + t
        forEachBlock(time, part) { run in
          let cotangents = cotangents(addresses, t, time, run)
          let clears = passes && !rule.passesState && sequence.zones?.hidden == nil
          sequence.stepBack(
            sequence.rows(rows, t, run, before, after), cotangents, time, run, addresses.waiting, step)
          if clears { clear(cotangents.next, run.count * size * bytes) }
        } idle: { run in
          clear(addresses.byGates.address(t, run.lowerBound), run.count * width * bytes)
        }
        addresses.byGates.packIfLast(t, part)
        if position == 0 && segment.index == 0 && !wanted.state { return }
        let here = addresses.byGates.address(t, part.lowerBound) + rule.recurred.lowerBound * size * bytes
        var product = Product(
          a: Operand(here, row: width, column: 1), b: .packed(UnsafeRawPointer(packedBack.storage.pointer)),
          c: Target(addresses.next + part.lowerBound * size * bytes, row: size, accumulates: passes, bias: nil),
          rows: part.count, columns: size, depth: rule.recurred.count * size)
        product.ahead = position > 0 ? sequence.gatesAhead(segment, position - 1, part) : nil
        product.run(products, elementSize: bytes)
      }
    }
    withExtendedLifetime((states, given, zeros, waiting, byGates, byWeights, packedBack.storage)) {}
  }

  /// As `forEachRun`, never with rows of several blocks at a time.
  private func forEachBlock(_ time: Int, _ part: Range<Int>, active body: (Range<Int>) -> Void, idle: (Range<Int>) -> Void) {
    if rule.addedRows == 0 { return sequence.forEachRun(time, part, active: body, idle: idle) }
    let block = StepRule.rowsAdded
    sequence.forEachRun(time, part) { run in
      var first = run.lowerBound
      while first < run.upperBound {
        let last = min(run.upperBound, (first / block + 1) * block)
        body(first..<last)
        first = last
      }
    } idle: {
      idle($0)
    }
  }

  /// The cotangents of some rows of a step; what is asked of its memories is added first.
  private func cotangents(_ addresses: Addresses, _ t: Int, _ time: Int, _ run: Range<Int>) -> StepCotangents {
    let row = run.lowerBound * size * type.size
    let (byCell, step) = (addresses.byCell + row, time * sequence.stateBytes)
    if let cells = addresses.cells {
      let add = sequence.hidden.kernels.elements.binary(.addition)
      add.run(byCell, 1, cells + step + row, 1, byCell, run.count * size)
    }
    return StepCotangents(
      above: (addresses.above ?? UnsafeRawPointer(addresses.next)) + (given.outputs == nil ? 0 : step) + row,
      next: addresses.next + row, byCell: byCell,
      byGates: addresses.byGates.address(t, run.lowerBound),
      byWeights: addresses.byWeights + run.lowerBound / StepRule.rowsAdded * rule.addedRows * size * type.size)
  }

  private func clear(_ target: UnsafeMutableRawPointer, _ byteCount: Int) {
    _ = target.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
  }

  /// The peepholes' part: each gate's cotangents times the memory that it sees; or that of a GRU's bias inside the reset gate.
  private func byExtra(_ gates: NDArray, _ states: SegmentStates) -> NDArray {
    func block(_ index: Int) -> NDArray { gates[.all, (index * size)..<((index + 1) * size)] }
    guard let before = states.cellsBefore, let after = states.cellsAfter else { return block(0).sum(axes: 0) }
    return NDArray.stack(
      [(block(0) * before).sum(axes: 0), (block(1) * before).sum(axes: 0), (block(3) * after).sum(axes: 0)])
  }

  private typealias Place = WritableKeyPath<RecurrentSequence.Gradient, NDArray?>

  private func add(_ a: NDArray, _ b: NDArray, to place: Place) {
    guard var sum = gradient[keyPath: place] else { return gradient[keyPath: place] = a.matmul(b) }
    gradient[keyPath: place] = nil
    NDArray.multiply(a, b, into: &sum, accumulating: true)
    gradient[keyPath: place] = sum
  }

  private func add(_ part: NDArray, to place: Place) {
    gradient[keyPath: place] = gradient[keyPath: place].map { $0 + part } ?? part
  }

  /// The rows of the input's cotangent that belong to a segment.
  private func multiplyInput(_ projected: NDArray, _ times: Range<Int>) {
    guard let byInput = gradient.input else { return }
    let (input, inputs, bytes) = (weights.input, x.shape[2], type.size)
    projected.read { g in
      input.read { w in
        byInput.fill { target in
          Product(
            a: Operand(g, row: projected.view.strides[0], column: 1),
            b: .matrix(Operand(w, row: input.view.strides[1], column: input.view.strides[0])),
            c: Target(target + times.lowerBound * batch * inputs * bytes, row: inputs, accumulates: false, bias: nil),
            rows: times.count * batch, columns: inputs, depth: projected.shape[1]
          ).run(sequence.hidden.kernels.products, elementSize: bytes)
        }
      }
    }
  }

  /// Where the arrays of a walk back lie while threads share out its rows.
  private struct Addresses {
    let above: UnsafeRawPointer?
    let cells: UnsafeRawPointer?
    let next: UnsafeMutableRawPointer
    let byCell: UnsafeMutableRawPointer
    let byGates: StepCotangentRows
    let byWeights: UnsafeMutableRawPointer
    let waiting: UnsafeMutableRawPointer?
  }
}
