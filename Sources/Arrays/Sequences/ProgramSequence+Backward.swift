internal import UnrollKernelTemplates

extension ProgramSequence {
  /// The cotangents of the results; nil is zero.
  package struct Cotangents: Sendable {
    /// The cotangents of every part of the state after each step, `[time, batch, width]`.
    let states: [SequenceRows?]
    /// The cotangents of the state after the last step, `[batch, width]`.
    let last: [NDArray?]

    package init(states: [NDArray?], last: [NDArray?]) {
      self.states = states.map { $0.map { SequenceRows($0) } }
      self.last = last
    }
  }

  /// The cotangents of a sequence's inputs.
  package struct Gradient: Sendable {
    package var input: NDArray?
    package var state: [NDArray] = []
    package var matrices: [NDArray?] = []
    package var parameters: [NDArray?] = []
    /// See `StateNorms`; nil unless the program reports cotangents.
    package var norms: NDArray?
  }

  /// The cotangents that are requested.
  package struct Wanted: Sendable {
    let input, state: Bool
    let matrices, parameters: [Bool]

    package init(input: Bool, state: Bool, matrices: [Bool], parameters: [Bool]) {
      self.input = input
      self.state = state
      self.matrices = matrices
      self.parameters = parameters
    }
  }

  /// The backward pass: the segments from the last to the first, in each its steps, and then one product for each matrix and
  /// for the input.
  package func backward(_ given: Cotangents, _ x: SequenceRows, _ weights: Weights, _ wanted: Wanted) -> Gradient {
    let walk = ProgramWalk(self, given, x, weights, wanted)
    for segment in segments.reversed() { walk.run(segment) }
    return walk.result
  }
}

/// The state of a backward pass between segments. A class, so that closures hold one reference, not one to each array.
private final class ProgramWalk {
  private let sequence: ProgramSequence
  private let given: ProgramSequence.Cotangents
  private let x: SequenceRows
  /// A buffer for a segment's inputs, where they must be contiguous and are not.
  private let gathered: NDArray?
  private let weights: ProgramSequence.Weights
  private let wanted: ProgramSequence.Wanted
  /// The forward products, for recomputing what was not kept, and the backward products.
  private let products: ProgramProducts?
  private let stateProducts: [[GatheredMatrix]]
  private let innerProducts: [GatheredMatrix]
  private let inputProducts: [GatheredMatrix]
  /// The cotangents of a segment's gates.
  private let cotangents: NDArray
  /// The weights' cotangents as one product, where possible; then the cotangents of the gates are kept for a few steps only.
  private let stack: WeightStack?
  private let slots: Int
  /// The cotangents of the parts of the state, carried from step to step.
  private let byState: [NDArray]
  private let sums: NDArray
  private var byTerm: [NDArray?]
  private var columnSums: NDArray?
  private let byInput: NDArray?
  /// Rows for the elements of x's cotangent that a step writes even if nobody wants them; nil if it writes none.
  private let unwanted: NDArray?
  private let norms: StateNorms?

  private var program: StepProgram { sequence.program }
  private var batch: Int { sequence.batch }
  private var type: ElementType { sequence.type }
  private var size: Int { type.size }

  init(
    _ sequence: ProgramSequence, _ given: ProgramSequence.Cotangents, _ x: SequenceRows, _ weights: ProgramSequence.Weights,
    _ wanted: ProgramSequence.Wanted
  ) {
    self.sequence = sequence
    self.given = given
    self.x = x
    self.weights = weights
    self.wanted = wanted
    let (program, type) = (sequence.program, sequence.type)
    let isComputedAgain = program.keepsRecords && sequence.records == nil || !sequence.keepsAllStates
    products =
      isComputedAgain
      ? ProgramProducts(program, weights, rows: sequence.stepCount * sequence.batch, parts: sequence.segments.count) : nil
    func transposed(_ product: StepProgram.BackwardProduct) -> GatheredMatrix {
      GatheredMatrix(weights.matrices[product.matrix], product.columns, isTransposed: true, isPacked: true)
    }
    stateProducts = program.stateCotangents.map { $0.map(transposed) }
    innerProducts = program.backward.backwardProducts.map(transposed)
    inputProducts = wanted.input ? program.inputCotangents.map(transposed) : []
    stack = WeightStack(sequence, wanted)
    let staysApart = x.areTogether || stack != nil && !isComputedAgain && !program.readsInput
    gathered = staysApart ? nil : NDArray(uninitialized: [sequence.segmentLength * x.batch, x.width], type)
    slots = stack != nil && !wanted.input ? WeightStack.together(sequence) : sequence.segmentLength
    cotangents = NDArray(uninitialized: [slots * sequence.batch, program.cotangentWidth], type)
    byState = zip(program.stateWidths, given.last).map { Self.owned($1, [sequence.batch, $0], type) }
    let blocks = (sequence.batch - 1) / ProgramSequence.rowsAdded + 1
    sums = Self.owned(nil, [blocks, max(1, program.sumWidth)], type)
    byTerm = program.weights.map { _ in nil }
    byInput = wanted.input ? NDArray(uninitialized: x.shape, type) : nil
    let writesUnwanted = !wanted.input && program.passesInput
    unwanted = writesUnwanted ? NDArray(uninitialized: [sequence.batch, program.inputWidth], type) : nil
    norms = program.saysCotangents ? StateNorms(sequence) : nil
  }

  /// A uniquely referenced copy of an array, or zeros.
  private static func owned(_ array: NDArray?, _ shape: Shape, _ type: ElementType) -> NDArray {
    var copy = array?.contiguous() ?? NDArray.zeros(shape, type)
    copy.makeWritable(keepingElements: true)
    return copy
  }

  func run(_ segment: Segment) {
    let rows = segment.times.count * batch
    var memories = StepMemories(count: sequence.memoryCount, cotangents.fill { $0 })
    let inputs = gathered.map { x.neighbours(segment.times, gatheredIn: $0.fill { $0 }) } ?? x.rows(segment.times)
    sequence.setGiven(inputs, segment, weights, &memories)
    let again = ComputedAgain(sequence, segment, weights, products, &memories)
    memories.set(
      Memory.cotangents, cotangents.fill { $0 }, time: batch * program.cotangentWidth * size, row: program.cotangentWidth * size
    )
    memories.cotangentSlots = slots
    stack?.begin(segment)
    memories.set(Memory.sums, sums.fill { $0 }, time: program.sumWidth * size, row: 0)
    for (part, cotangent) in byState.enumerated() {
      memories.set(Memory.byState(part), cotangent.fill { $0 }, time: 0, row: program.stateWidths[part] * size)
    }
    if let byInput {
      let row = program.inputWidth * size
      memories.set(
        Memory.byInput, byInput.fill { $0 } + segment.times.lowerBound * batch * row, time: batch * row, row: row)
    } else if let unwanted {
      memories.set(Memory.byInput, unwanted.fill { $0 }, time: 0, row: program.inputWidth * size)
    }
    norms?.begin(&memories)
    steps(segment, memories)
    norms?.add(segment, memories)
    addWeights(memories, rows)
    multiplyInput(memories, rows)
    withExtendedLifetime((again, sequence.states, sequence.records, given, x, gathered, weights, sequence.draws, unwanted)) {}
  }

  /// The given cotangents of a part of the state after each step, and the width of that part.
  private struct Given {
    let part: Int
    let rows: StepMemories.Rows
    let width: Int
  }

  /// A product that ends a step: the contribution of the gates to the cotangent of a part of the state before.
  private struct StateProduct {
    let part: Int
    let factor: GatheredMatrix.Factor
    let term: StepProgram.CotangentTerm
  }

  /// Runs the steps of a segment, from the last to the first. The loop uses addresses and numbers only: reading a property that
  /// holds an array would count references at every step.
  private func steps(_ segment: Segment, _ memories: StepMemories) {
    let kernels = Machine.kernels(for: type)
    let add = kernels.elements.binary(.addition)
    let (innerFactors, innerTerms) = (innerProducts.map(\.factor), program.innerCotangents)
    let givens = given.states.enumerated().compactMap { part, cotangent in
      cotangent.map { Given(part: part, rows: $0.rows(segment.times), width: program.stateWidths[part]) }
    }
    let stateProducts = stateProducts.enumerated().flatMap { part, products in
      zip(products, program.stateCotangentTerms[part]).map { StateProduct(part: part, factor: $0.factor, term: $1) }
    }
    let (hasIdleRows, isReversed, keepsInput) = (sequence.active != nil, sequence.isReversed, byInput != nil)
    let (batch, size, count, stack) = (batch, size, segment.times.count, stack)
    let endsEarly = segment.index == 0 && !wanted.state
    let ahead = sequence.recordsAhead(segment)
    let sharing = sequence.sharing(count)
    parallel(batch, unit: sharing.unit, threads: sharing.threads(panelWidth: kernels.products.panelWidth)) { share in
      sequence.withRows { rows in
        for position in (0..<count).reversed() {
          let t = isReversed ? count - 1 - position : position
          let time = segment.times.lowerBound + t
          sequence.forEachRun(time, share) { run in
            for given in givens {
              var here = memories.address(Memory.byState(given.part), 0, run.lowerBound)
              var from = given.rows.address(t, run.lowerBound)
              if given.rows.row == given.width * size {
                add.run(here, 1, from, 1, here, run.count * given.width)
                continue
              }
              for _ in run {
                add.run(here, 1, from, 1, here, given.width)
                here += given.width * size
                from += given.rows.row
              }
            }
            for stage in rows.backwardStages {
              rows.run(stage.instructions, rows.backward, memories, t, run)
              if stage.product < 0 { continue }
              let term = innerTerms[stage.product]
              multiply(term, innerFactors[stage.product], memories, t, run, term.accumulates, kernels.products)
            }
          } idle: { run in
            clear(memories, Memory.cotangents, t, run, program.cotangentWidth)
            if keepsInput { clear(memories, Memory.byInput, t, run, program.inputWidth) }
            norms?.clear(memories, t, run)
          }
          stack?.packIfLast(t, of: count, share, memories)
          if position == 0 && endsEarly { return }
          let next = position > 0 ? ahead.region(position - 1, share) : nil
          for product in stateProducts {
            let term = product.term
            // Idle rows keep their cotangent: it is not cleared, and the product of their zero cotangents is added to it.
            if !term.accumulates && hasIdleRows {
              sequence.forEachRun(time, share) { run in
                clear(memories, Memory.byState(product.part), 0, run, program.stateWidths[product.part])
              } idle: { _ in
              }
            }
            multiply(
              term, product.factor, memories, t, share, term.accumulates || hasIdleRows, ahead: next, kernels.products)
          }
        }
      }
    }
  }

  @inline(__always)
  private func multiply(
    _ term: StepProgram.CotangentTerm, _ factor: GatheredMatrix.Factor, _ memories: StepMemories, _ t: Int, _ run: Range<Int>,
    _ accumulates: Bool, ahead: Region? = nil, _ kernels: ProductKernels
  ) {
    let left = memories.address(Memory.cotangents, t, run.lowerBound) + term.start * size
    let target = memories.address(term.target.memory, t, run.lowerBound) + term.target.offset * size
    factor.multiply(
      Operand(left, row: program.cotangentWidth, column: 1), rows: run.count,
      into: Target(target, row: term.target.pitch, accumulates: accumulates, bias: nil), ahead: ahead, isStep: true, kernels,
      size)
  }

  private func clear(_ memories: StepMemories, _ memory: Int, _ t: Int, _ run: Range<Int>, _ width: Int) {
    let start = memories.address(memory, t, run.lowerBound)
    _ = start.initializeMemory(as: UInt8.self, repeating: 0, count: run.count * width * size)
  }

  /// Adds a segment's products to the cotangents of matrices, and its column sums to those of parameters.
  private func addWeights(_ memories: StepMemories, _ rows: Int) {
    if let stack { return stack.add(memories) }
    let kernels = Machine.kernels(for: type).products
    for (index, term) in program.weights.enumerated() where wanted.matrices[term.matrix] {
      let isFirst = byTerm[index] == nil
      let sum = byTerm[index] ?? NDArray(uninitialized: [term.rows, term.columns.width], type)
      let left = memories.address(term.left.memory, 0, 0) + term.left.offset * size
      sum.fill { target in
        Product(
          a: Operand(left, row: 1, column: term.left.pitch),
          b: .matrix(
            Operand(
              memories.address(Memory.cotangents, 0, 0) + term.columns.start * size, row: program.cotangentWidth, column: 1)),
          c: Target(target, row: term.columns.width, accumulates: !isFirst, bias: nil), rows: term.rows,
          columns: term.columns.width,
          depth: rows
        ).run(kernels, elementSize: size)
      }
      byTerm[index] = sum
    }
    guard program.columnSums.contains(where: { wanted.parameters[$0.parameter] }) else { return }
    let part = cotangents[..<rows].sum(axes: 0)
    columnSums = columnSums.map { $0 + part } ?? part
  }

  /// Computes the part of the input's cotangent that belongs to a segment.
  private func multiplyInput(_ memories: StepMemories, _ rows: Int) {
    guard let byInput else { return }
    let kernels = Machine.kernels(for: type).products
    let target = memories.address(Memory.byInput, 0, 0)
    if program.inputCotangents.isEmpty && !program.passesInput {
      _ = target.initializeMemory(as: UInt8.self, repeating: 0, count: rows * program.inputWidth * size)
    }
    for (product, matrix) in zip(program.inputCotangents, inputProducts) {
      matrix.factor.multiply(
        Operand(
          memories.address(Memory.cotangents, 0, 0) + product.columns.start * size, row: program.cotangentWidth, column: 1),
        rows: rows, into: Target(target, row: program.inputWidth, accumulates: product.accumulates, bias: nil), kernels, size)
    }
    withExtendedLifetime(byInput) {}
  }

  var result: ProgramSequence.Gradient {
    var result = ProgramSequence.Gradient()
    result.input = byInput
    result.state = byState
    result.norms = norms?.beginning(byState)
    let byTerm = stack.map { stack in program.weights.indices.map { stack.sum(of: $0) } } ?? self.byTerm
    result.matrices = program.matrixShapes.enumerated().map { index, shape in
      wanted.matrices.indices.contains(index) && wanted.matrices[index] ? matrix(index, shape, byTerm) : nil
    }
    let columnSums = stack?.columnSums ?? columnSums
    let rowSums = program.sumWidth > 0 ? sums.sum(axes: 0) : nil
    result.parameters = wanted.parameters.indices.map { index in
      guard wanted.parameters[index] else { return nil }
      let width = program.parameterWidths[index]
      var terms: [NDArray] = []
      if let columnSums {
        for (parameter, ranges) in program.columnSums where parameter == index {
          let parts = ranges.map { columnSums[$0] }
          terms.append(parts.count == 1 ? parts[0].contiguous() : NDArray.concatenate(parts, axis: 0))
        }
      }
      if let rowSums {
        for (parameter, start, count) in program.rowSums where parameter == index {
          let row = rowSums[start..<(start + count)]
          terms.append(width == 1 && count > 1 ? row.sum().reshaped([1]) : row)
        }
      }
      guard let first = terms.first else { return NDArray.zeros([width], type) }
      return terms.dropFirst().reduce(first, +)
    }
    return result
  }

  private func matrix(_ index: Int, _ shape: (rows: Int, columns: Int), _ byTerm: [NDArray?]) -> NDArray {
    let terms = zip(program.weights, byTerm).filter { $0.0.matrix == index }
    if terms.count == 1, let sum = terms[0].1, terms[0].0.columns.ranges == [0..<shape.columns] { return sum }
    var total = NDArray.zeros([shape.rows, shape.columns], type)
    for (term, sum) in terms {
      guard let sum else { continue }
      var start = 0
      for columns in term.columns.ranges {
        total.add(
          sum[.all, start..<(start + columns.count)],
          to: [.range(start: nil, end: nil, step: 1), .range(start: columns.lowerBound, end: columns.upperBound, step: 1)])
        start += columns.count
      }
    }
    return total
  }
}

/// The states and records of a segment: kept ones, or recomputed.
private struct ComputedAgain {
  private var arrays: [NDArray] = []

  init(
    _ sequence: ProgramSequence, _ segment: Segment, _ weights: ProgramSequence.Weights, _ products: ProgramProducts?,
    _ memories: inout StepMemories
  ) {
    let (program, batch, type) = (sequence.program, sequence.batch, sequence.type)
    guard let products else {
      for part in 0..<sequence.partCount {
        let start = sequence.states[part].fill { $0 + segment.times.lowerBound * sequence.stateBytes(part) }
        sequence.setState(part, start, &memories)
      }
      if let records = sequence.records {
        memories.set(
          Memory.record, records.fill { $0 + segment.times.lowerBound * sequence.recordBytes }, time: sequence.recordBytes,
          row: program.recordWidth * type.size)
      }
      return
    }
    let record = NDArray(uninitialized: [segment.times.count * batch, program.recordWidth], type)
    arrays.append(record)
    memories.set(Memory.record, record.fill { $0 }, time: sequence.recordBytes, row: program.recordWidth * type.size)
    for part in 0..<sequence.partCount {
      let states = NDArray(uninitialized: [segment.times.count + 1, batch, program.stateWidths[part]], type)
      arrays.append(states)
      let start = states.fill { $0 }
      sequence.copyEdge(segment, part, to: start)
      sequence.setState(part, start, &memories)
    }
    sequence.project(memories, segment, weights, products)
    sequence.run(segment, memories, weights, products, ahead: segment)
  }
}
