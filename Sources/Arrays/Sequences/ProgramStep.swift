internal import UnrollKernelTemplates

/// A step program prepared for many single steps: its matrices are packed once, and nothing is looked up per step.
package final class ProgramStep: Sendable {
  private let program: StepProgram
  private let weights: ProgramSequence.Weights
  /// Products into the records: those of the input and of the state, and those within the step, in order.
  private let outer, inner: [RecordProduct]
  /// The largest width of a row that is concatenated for a product.
  private let joinedWidth: Int
  /// The row pitch of every memory, in elements.
  private let pitches: [Int]
  private let products: ProductKernels
  private var size: Int { program.type.size }

  /// Rows times a packed matrix, into contiguous columns of the record.
  private struct RecordProduct: Sendable {
    /// The parts of a left row.
    let left: [(place: Place, width: Int)]
    let matrix: PackedMatrix
    let start: Int
    let accumulates: Bool

    /// Merges products into the same columns into one, which reads and writes these once.
    init(_ products: [StepProgram.ForwardProduct], _ matrices: [NDArray]) {
      let parts = products.map { $0.columns.gathered(from: matrices[$0.matrix]) }
      left = zip(products, parts).map { ($0.left, $1.shape[0]) }
      matrix = PackedMatrix(parts.count == 1 ? parts[0] : NDArray.concatenate(parts, axis: 0))
      start = products[0].columns.start
      accumulates = products[0].accumulates
    }

    static func joined(_ products: [StepProgram.ForwardProduct], _ matrices: [NDArray]) -> [RecordProduct] {
      var groups: [[StepProgram.ForwardProduct]] = []
      for product in products {
        let same = groups.firstIndex { group in
          product.accumulates && group[0].columns.start == product.columns.start
            && group[0].columns.width == product.columns.width
        }
        if let same { groups[same].append(product) } else { groups.append([product]) }
      }
      return groups.map { RecordProduct($0, matrices) }
    }
  }

  /// Shares the packed matrices of another program of the same step, where they are the same.
  package init(_ program: StepProgram, matrices: [NDArray], parameters: [NDArray], sharing other: ProgramStep? = nil) {
    self.program = program
    weights = ProgramSequence.Weights(program, matrices: matrices, parameters: parameters)
    if let other, other.hasProducts(of: program, matrices) {
      (outer, inner) = (other.outer, other.inner)
    } else {
      outer = RecordProduct.joined(program.inputProducts + program.stateProducts, matrices)
      inner = program.forward.forwardProducts.map { RecordProduct([$0], matrices) }
    }
    joinedWidth = outer.map { $0.left.count > 1 ? $0.matrix.rows : 0 }.max() ?? 0
    var pitches = Array(repeating: 0, count: Memory.first + 3 * program.stateWidths.count + program.drawWidths.count)
    pitches[Memory.record] = program.recordWidth
    pitches[Memory.x] = program.inputWidth
    for (part, width) in program.stateWidths.enumerated() {
      pitches[Memory.before(part)] = width
      pitches[Memory.after(part)] = width
    }
    self.pitches = pitches
    products = Machine.kernels(for: program.type).products
  }

  private func hasProducts(of other: StepProgram, _ matrices: [NDArray]) -> Bool {
    program.inputProducts == other.inputProducts && program.stateProducts == other.stateProducts
      && program.forward.forwardProducts == other.forward.forwardProducts
      && zip(weights.matrices, matrices).allSatisfy { $0.view.isSame(as: $1.view) }
  }

  /// The next state from rows x `[rows, inputs]` and a state of `[rows, width]` each.
  package func callAsFunction(_ x: NDArray, _ state: [NDArray]) -> [NDArray] {
    let (x, rows) = (x.contiguous(), x.view.shape[0])
    let before = state.allSatisfy(\.view.isContiguous) ? state : state.map { $0.contiguous() }
    let after = program.stateWidths.map { NDArray(uninitialized: [rows, $0], program.type) }
    let records = spreadWidth(rows * program.recordWidth) * size
    let instructions = spreadWidth(program.scratchWidth * program.blockRows) * size
    withScratch(byteCount: records + instructions + rows * joinedWidth * size) { scratch in
      withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer.self, capacity: 2 * pitches.count) { addresses in
        guard let starts = addresses.baseAddress else { return }
        addresses.initialize(repeating: scratch)
        starts[Memory.scratch] = scratch + records
        starts[Memory.x] = x.read { UnsafeMutableRawPointer(mutating: $0) }
        starts[Memory.parameters] = weights.parameters.read { UnsafeMutableRawPointer(mutating: $0) }
        for part in after.indices {
          starts[Memory.before(part)] = before[part].read { UnsafeMutableRawPointer(mutating: $0) }
          starts[Memory.after(part)] = after[part].fill { $0 }
        }
        run(rows, starts, block: starts + pitches.count, joined: scratch + records + instructions)
      }
    }
    withExtendedLifetime((x, before, after)) {}
    return after
  }

  /// Runs the products into the records, then the instructions and the products between them.
  private func run(_ rows: Int, _ starts: Memories, block: Memories, joined: UnsafeMutableRawPointer) {
    weights.readBiases { biases in
      program.fill(starts[Memory.record], rows, biases)
      for index in outer.indices { multiply(outer[index], rows, starts, joined, biases) }
    }
    program.forward.instructions.withUnsafeBufferPointer { code in
      for stage in program.forward.stages {
        for first in stride(from: 0, to: rows, by: program.blockRows) {
          for memory in pitches.indices { block[memory] = starts[memory] + first * pitches[memory] * size }
          UnrollArrays.run(code, stage.instructions, block, rows: min(program.blockRows, rows - first), size: size)
        }
        if stage.product >= 0 { multiply(inner[stage.product], rows, starts, joined, nil) }
      }
    }
  }

  private func multiply(
    _ product: RecordProduct, _ rows: Int, _ starts: Memories, _ joined: UnsafeMutableRawPointer, _ biases: UnsafeRawPointer?
  ) {
    let (depth, place) = (product.matrix.rows, product.left[0].place)
    var left = Operand(place.address(starts, 0, size), row: place.pitch, column: 1)
    if product.left.count > 1 {
      var start = joined
      for part in product.left {
        for row in 0..<rows {
          (start + row * depth * size).copyMemory(from: part.place.address(starts, row, size), byteCount: part.width * size)
        }
        start += part.width * size
      }
      left = Operand(joined, row: depth, column: 1)
    }
    Product(
      a: left, b: .packed(UnsafeRawPointer(product.matrix.storage.pointer)),
      c: Target(
        starts[Memory.record] + product.start * size, row: program.recordWidth, accumulates: product.accumulates,
        bias: product.accumulates ? nil : biases.map { $0 + product.start * size }),
      rows: rows, columns: product.matrix.columns, depth: depth
    ).run(products, elementSize: size)
  }
}
