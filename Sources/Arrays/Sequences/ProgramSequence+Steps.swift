internal import UnrollKernelTemplates

extension ProgramSequence {
  /// All segments, in the order in which they run.
  var segments: [Segment] { segments(every: segmentLength) }

  private func segments(every length: Int) -> [Segment] {
    (0..<((stepCount - 1) / length + 1)).map { index in
      let first = index * length
      let last = min(first + length, stepCount)
      return Segment(index: index, times: isReversed ? (stepCount - last)..<(stepCount - first) : first..<last)
    }
  }

  /// How a segment's steps are shared among threads.
  func sharing(_ steps: Int) -> StepSharing {
    let products = program.stateProducts + program.forward.forwardProducts
    return StepSharing(
      rows: batch, unit: program.sumWidth > 0 ? Self.rowsAdded : 1,
      multiplyAdds: products.reduce(0) { $0 + program.matrixShapes[$1.matrix].rows * $1.columns.width },
      columns: products.map(\.columns.width).max() ?? 1, elements: program.recordWidth + program.stateWidths.reduce(0, +),
      steps: steps)
  }

  /// The rows whose contributions to a parameter's cotangent are added into one sum, by one thread.
  static let rowsAdded = 8

  var memoryCount: Int { Memory.first + 3 * partCount + draws.count + (program.saysCotangents ? partCount : 0) }

  /// Forward through all segments.
  func run(_ x: SequenceRows, _ weights: Weights) {
    // Where states are kept at segment edges only, a part is one segment.
    let parts = keepsAllStates ? segments(every: min(partLength, segmentLength)) : segments
    let products = ProgramProducts(program, weights, rows: stepCount * batch, parts: parts.count)
    let scratchStates = keepsAllStates ? [] : (1..<partCount).map { (segmentLength + 1) * stateBytes($0) }
    let edges = scratchStates.reduce(0, +)
    let gatheredBytes = x.gatheredBytes(parts.reduce(0) { max($0, $1.times.count) })
    withScratch(byteCount: records == nil ? segmentLength * recordBytes : 0) { scratch in
      withScratch(byteCount: edges + gatheredBytes) { scratchStates in
        for segment in parts {
          var memories = StepMemories(count: memoryCount, scratch)
          let record = records.map { $0.fill { $0 + segment.times.lowerBound * recordBytes } } ?? scratch
          memories.set(Memory.record, record, time: recordBytes, row: program.recordWidth * type.size)
          var place = scratchStates
          for part in 0..<partCount {
            let isWhole = part == 0 || keepsAllStates
            let start = isWhole ? states[part].fill { $0 + segment.times.lowerBound * stateBytes(part) } : place
            if !isWhole {
              copyEdge(segment, part, to: start)
              place += (segmentLength + 1) * stateBytes(part)
            }
            setState(part, start, &memories)
          }
          setGiven(x.neighbours(segment.times, gatheredIn: scratchStates + edges), segment, weights, &memories)
          let next = segment.index + 1 < parts.count ? parts[segment.index + 1] : segment
          project(memories, segment, weights, products, ahead: x.region(next.times))
          run(segment, memories, weights, products, ahead: next)
          place = scratchStates
          for part in 1..<max(1, partCount) where !keepsAllStates {
            endPart(segment, part, place)
            place += (segmentLength + 1) * stateBytes(part)
          }
        }
      }
    }
    withExtendedLifetime((states, records, weights, draws, x)) {}
  }

  /// Sets the states before and after the steps of a segment, from the address of its first slot.
  func setState(_ part: Int, _ start: UnsafeMutableRawPointer, _ memories: inout StepMemories) {
    let (bytes, row) = (stateBytes(part), program.stateWidths[part] * type.size)
    memories.set(Memory.before(part), start + (isReversed ? bytes : 0), time: bytes, row: row)
    memories.set(Memory.after(part), start + (isReversed ? 0 : bytes), time: bytes, row: row)
  }

  /// Sets the inputs, parameters and draws of a segment.
  func setGiven(_ x: StepMemories.Rows, _ segment: Segment, _ weights: Weights, _ memories: inout StepMemories) {
    memories.set(Memory.x, x)
    memories.set(Memory.parameters, weights.parameters.read { UnsafeMutableRawPointer(mutating: $0) }, time: 0, row: 0)
    for (index, draw) in draws.enumerated() {
      let row = draw.shape[2] * type.size
      let isSame = draw.shape[0] == 1
      let start = draw.read { UnsafeMutableRawPointer(mutating: $0) } + (isSame ? 0 : segment.times.lowerBound * batch * row)
      memories.set(Memory.draw(index, parts: partCount), start, time: isSame ? 0 : batch * row, row: row)
    }
  }

  /// Copies the initial state of a segment to its slot among the segment's states.
  func copyEdge(_ segment: Segment, _ part: Int, to start: UnsafeMutableRawPointer) {
    let slot = isReversed ? segment.times.count : 0
    let edge = part == 0 || keepsAllStates ? segment.times.lowerBound + slot : segment.index
    let bytes = stateBytes(part)
    states[part].read { from in (start + slot * bytes).copyMemory(from: from + edge * bytes, byteCount: bytes) }
  }

  private func endPart(_ segment: Segment, _ part: Int, _ start: UnsafeRawPointer) {
    let (slot, bytes) = (isReversed ? 0 : segment.times.count, stateBytes(part))
    states[part].fill { edges in
      (edges + (segment.index + 1) * bytes).copyMemory(from: start + slot * bytes, byteCount: bytes)
    }
  }

  /// Computes the contribution of a segment's inputs to its gates, and prefetches the inputs of the next segment.
  func project(
    _ memories: StepMemories, _ segment: Segment, _ weights: Weights, _ products: ProgramProducts,
    ahead: Region? = nil
  ) {
    let (inputs, bytes) = (program.inputWidth, type.size)
    let (x, record) = (memories.address(Memory.x, 0, 0), memories.address(Memory.record, 0, 0))
    weights.readBiases { biases in
      for (product, matrix) in zip(program.inputProducts, products.input) {
        matrix.factor.multiply(
          Operand(x + product.left.offset * bytes, row: inputs, column: 1), rows: segment.times.count * batch,
          into: Target(
            record + product.columns.start * bytes, row: program.recordWidth, accumulates: product.accumulates,
            bias: product.accumulates ? nil : biases.map { $0 + product.columns.start * bytes }),
          ahead: ahead, states[0].kernels.products, bytes)
      }
    }
  }

  /// Runs the steps of one segment, whose gates hold the contribution of the inputs. Prefetches the records of the next steps
  /// meanwhile.
  func run(
    _ segment: Segment, _ memories: StepMemories, _ weights: Weights, _ products: ProgramProducts, ahead next: Segment
  ) {
    let kernels = states[0].kernels.products
    let (size, width) = (type.size, program.recordWidth)
    let (stateFactors, innerFactors) = (products.state.map(\.factor), products.inner.map(\.factor))
    let (stateTerms, innerTerms, isFilled) = (program.stateTerms, program.innerTerms, !program.filled.isEmpty)
    let ahead = recordsAhead(next)
    let addsNothing = segment.index == 0 && beginsFromZero
    weights.readBiases { biases in
      let sharing = sharing(segment.times.count)
      parallel(batch, unit: sharing.unit, threads: sharing.threads(panelWidth: kernels.panelWidth)) { part in
        withRows { rows in
          for position in 0..<segment.times.count {
            let t = isReversed ? segment.times.count - 1 - position : position
            let here = memories.address(Memory.record, t, part.lowerBound)
            if isFilled { program.fill(here, part.count, biases) }
            for index in stateFactors.indices where position > 0 || !addsNothing || !stateTerms[index].accumulates {
              let term = stateTerms[index]
              let left = memories.address(term.left.memory, t, part.lowerBound) + term.left.offset * size
              stateFactors[index].multiply(
                Operand(left, row: term.left.pitch, column: 1), rows: part.count,
                into: Target(
                  here + term.start * size, row: width, accumulates: term.accumulates,
                  bias: term.accumulates ? nil : biases.map { $0 + term.start * size }),
                ahead: ahead.region(position, part), isStep: true, kernels, size)
            }
            forEachRun(segment.times.lowerBound + t, part) { run in
              for stage in rows.forwardStages {
                rows.run(stage.instructions, rows.forward, memories, t, run)
                if stage.product < 0 { continue }
                let term = innerTerms[stage.product]
                let left = memories.address(term.left.memory, t, run.lowerBound) + term.left.offset * size
                let target = memories.address(Memory.record, t, run.lowerBound) + term.start * size
                innerFactors[stage.product].multiply(
                  Operand(left, row: term.left.pitch, column: 1), rows: run.count,
                  into: Target(target, row: width, accumulates: true, bias: nil), isStep: true, kernels, size)
              }
            } idle: { run in
              clearWeightRows(memories, t, run)
              for part in 0..<partCount {
                memories.address(Memory.after(part), t, run.lowerBound).copyMemory(
                  from: memories.address(Memory.before(part), t, run.lowerBound),
                  byteCount: run.count * program.stateWidths[part] * size)
              }
            }
          }
        }
      }
    }
    withExtendedLifetime(products) {}
  }

  /// Clears the left factors of matrix gradients where a row is idle. Their cotangents are zero, but 0 times uninitialised
  /// memory may be NaN.
  private func clearWeightRows(_ memories: StepMemories, _ t: Int, _ run: Range<Int>) {
    for term in program.weights where term.left.memory == Memory.record {
      for row in run {
        let target = memories.address(Memory.record, t, row) + term.left.offset * type.size
        _ = target.initializeMemory(as: UInt8.self, repeating: 0, count: term.rows * type.size)
      }
    }
  }

  /// Whether the state before the first step is zero, so that its products add nothing. Weights that are not finite take effect
  /// from the second step on.
  private var beginsFromZero: Bool {
    states.enumerated().allSatisfy { part, states in
      let slot = isReversed && (part == 0 || keepsAllStates) ? stepCount : 0
      return states.read { states in
        let first = states + slot * stateBytes(part)
        return (0..<(stateBytes(part) / 4)).allSatisfy { first.load(fromByteOffset: 4 * $0, as: UInt32.self) == 0 }
      }
    }
  }

  /// Runs instructions on one thread: their addresses, and scratch rows.
  struct RowRunner {
    let forward: UnsafeBufferPointer<Instruction>
    let forwardStages: UnsafeBufferPointer<StepProgram.StageRange>
    let backward: UnsafeBufferPointer<Instruction>
    let backwardStages: UnsafeBufferPointer<StepProgram.StageRange>
    let addresses: Memories
    let scratch: UnsafeMutableRawPointer
    let blockRows: Int
    let hasSums: Bool
    let size: Int

    /// Runs instructions over some rows of one step, a block at a time.
    @inline(__always)
    func run(
      _ range: Range<Int>, _ code: UnsafeBufferPointer<Instruction>, _ memories: StepMemories, _ t: Int, _ rows: Range<Int>
    ) {
      var first = rows.lowerBound
      while first < rows.upperBound {
        var last = min(rows.upperBound, first + blockRows)
        if hasSums { last = min(last, (first / ProgramSequence.rowsAdded + 1) * ProgramSequence.rowsAdded) }
        memories.write(t, first, to: addresses)
        addresses[Memory.scratch] = scratch
        if hasSums { addresses[Memory.sums] = memories.address(Memory.sums, first / ProgramSequence.rowsAdded, 0) }
        UnrollArrays.run(code, range, addresses, rows: last - first, size: size)
        first = last
      }
    }
  }

  func withRows(_ body: (RowRunner) -> Void) {
    withScratch(byteCount: program.scratchWidth * program.blockRows * type.size) { scratch in
      withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer.self, capacity: memoryCount) { addresses in
        guard let addresses = addresses.baseAddress else { return }
        program.forward.instructions.withUnsafeBufferPointer { forward in
          program.forward.stages.withUnsafeBufferPointer { forwardStages in
            program.backward.instructions.withUnsafeBufferPointer { backward in
              program.backward.stages.withUnsafeBufferPointer { backwardStages in
                body(
                  RowRunner(
                    forward: forward, forwardStages: forwardStages, backward: backward, backwardStages: backwardStages,
                    addresses: addresses, scratch: scratch, blockRows: program.blockRows, hasSums: program.sumWidth > 0,
                    size: type.size))
              }
            }
          }
        }
      }
    }
  }

  /// The location of the kept records of a segment's steps, for prefetching.
  struct RecordsAhead {
    let start: UnsafeRawPointer?
    let count: Int
    /// The bytes from one step's records to those of the next step to run, and from one row to the next.
    let step: Int
    let row: Int

    @inline(__always)
    func region(_ position: Int, _ part: Range<Int>) -> Region? {
      guard let start, position < count else { return nil }
      return Region(start + (position &* step &+ part.lowerBound &* row), byteCount: part.count &* row)
    }
  }

  func recordsAhead(_ segment: Segment) -> RecordsAhead {
    let first = isReversed ? segment.times.upperBound - 1 : segment.times.lowerBound
    return RecordsAhead(
      start: records.map { $0.read { $0 + first * recordBytes } }, count: segment.times.count,
      step: isReversed ? -recordBytes : recordBytes, row: program.recordWidth * type.size)
  }

  /// Calls the closures for the ranges of rows that take part in a step, and for the others.
  func forEachRun(_ time: Int, _ part: Range<Int>, active body: (Range<Int>) -> Void, idle: (Range<Int>) -> Void) {
    guard let active else { return body(part) }
    active.forEachRun(at: time, in: part, active: body, idle: idle)
  }
}

extension StepProgram {
  /// Initialises the `filled` gates from their biases, or with zero.
  func fill(_ rows: UnsafeMutableRawPointer, _ count: Int, _ biases: UnsafeRawPointer?) {
    for columns in filled {
      for row in 0..<count {
        let target = rows + (row * recordWidth + columns.lowerBound) * type.size
        let bytes = columns.count * type.size
        if let biases {
          target.copyMemory(from: biases + columns.lowerBound * type.size, byteCount: bytes)
        } else {
          _ = target.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        }
      }
    }
  }
}
