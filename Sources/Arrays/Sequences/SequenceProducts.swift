internal import UnrollKernelTemplates

extension StepProgram.Columns {
  /// These columns of a matrix, in the record's order.
  func gathered(from matrix: NDArray) -> NDArray {
    if ranges == [0..<matrix.shape[1]] { return matrix }
    let parts = ranges.map { matrix[.all, $0] }
    return parts.count == 1 ? parts[0] : NDArray.concatenate(parts, axis: 1)
  }
}

/// Some columns of a matrix in a record's order, packed for many products where that pays.
struct GatheredMatrix {
  private let plain: NDArray
  private let packed: PackedMatrix?

  init(_ matrix: NDArray, _ columns: StepProgram.Columns, isTransposed: Bool = false, isPacked: Bool) {
    let gathered = columns.gathered(from: matrix)
    plain = isTransposed ? gathered.transposed() : gathered
    packed = isPacked ? PackedMatrix(plain) : nil
  }

  /// The right factor of products. Its pointers are valid while this value lives.
  var factor: Factor {
    Factor(
      b: packed.map { .packed(UnsafeRawPointer($0.storage.pointer)) }
        ?? plain.read { .matrix(Operand($0, row: plain.view.strides[0], column: plain.view.strides[1])) },
      rows: plain.shape[0], columns: plain.shape[1])
  }

  /// A right factor without a reference to its owner: a step's product must not count references.
  struct Factor {
    let b: Product.RightOperand
    let rows: Int
    let columns: Int

    /// c ← start + a·matrix, for rows anywhere in memory; `isStep` for one of the many products of a recurrence's steps.
    @inline(__always)
    func multiply(
      _ a: Operand, rows count: Int, into c: Target, ahead: Region? = nil, isStep: Bool = false, _ kernels: ProductKernels,
      _ size: Int
    ) {
      var product = Product(a: a, b: b, c: c, rows: count, columns: columns, depth: rows)
      product.ahead = ahead
      product.isStep = isStep
      product.run(kernels, elementSize: size)
    }
  }
}

/// The products of a program with the weights of a sequence.
struct ProgramProducts {
  let input: [GatheredMatrix]
  let state: [GatheredMatrix]
  /// The products within the step, in order.
  let inner: [GatheredMatrix]

  init(_ program: StepProgram, _ weights: ProgramSequence.Weights, rows: Int, parts: Int) {
    let pays = rows >= 8
    func gathered(_ product: StepProgram.ForwardProduct, _ isPacked: Bool) -> GatheredMatrix {
      GatheredMatrix(weights.matrices[product.matrix], product.columns, isPacked: isPacked)
    }
    input = program.inputProducts.map { gathered($0, pays && parts > 1) }
    state = program.stateProducts.map { gathered($0, pays) }
    inner = program.forward.forwardProducts.map { gathered($0, pays) }
  }
}

/// The cotangents of all matrices of a step whose products reach the same gates, stacked as one product: [x, h, …, 1]ᵀ ā,
/// summed over segments. The last row is the sum of ā, the cotangent of a bias.
///
/// ā is packed a few steps at a time, while it is in the second-level cache, so that it need not be kept for a whole segment.
final class WeightStack {
  private let sequence: ProgramSequence
  private let terms: [StepProgram.WeightTerm]
  /// [x, h, …, 1] of a segment.
  private let left: NDArray
  /// ā of a segment.
  private(set) var right: PackedMatrix
  private let sums: NDArray
  private var isEmpty = true

  private var columns: Int { terms[0].columns.width }
  private var height: Int { terms.reduce(1) { $0 + $1.rows } }
  private var pitch: Int { left.shape[1] }
  private var bytes: Int { sequence.type.size }
  private var batch: Int { sequence.batch }

  /// Nil where the products do not all reach the same gates, or where there is only one.
  init?(_ sequence: ProgramSequence, _ wanted: ProgramSequence.Wanted) {
    let terms = sequence.program.weights
    guard terms.count > 1, let width = terms.first?.columns.width,
      terms.allSatisfy({ $0.columns.start == 0 && $0.columns.width == width }),
      terms.allSatisfy({ wanted.matrices[$0.matrix] }),
      sequence.program.columnSums.flatMap(\.starts).allSatisfy({ $0.upperBound <= width })
    else { return nil }
    self.sequence = sequence
    self.terms = terms
    let (rows, type) = (sequence.segmentLength * sequence.batch, sequence.type)
    let height = terms.reduce(1) { $0 + $1.rows }
    left = NDArray(uninitialized: [rows, spreadWidth(height)], type)
    right = PackedMatrix(rows: 0, columns: width, type)
    let addsUp = sequence.stepCount > sequence.segmentLength
    sums = NDArray(uninitialized: [height, addsUp ? spreadWidth(width) : width], type)
  }

  /// The number of steps that are packed together.
  static func together(_ sequence: ProgramSequence) -> Int { min(max(1, 64 / sequence.batch), sequence.segmentLength) }

  /// Allocates memory for a segment.
  func begin(_ segment: Segment) {
    let rows = segment.times.count * batch
    if right.rows != rows { right = PackedMatrix(rows: rows, columns: columns, sequence.type) }
  }

  /// Packs some rows of the group of steps that t belongs to, if t is the last of the group in the backward pass.
  func packIfLast(_ t: Int, of steps: Int, _ part: Range<Int>, _ memories: StepMemories) {
    let together = Self.together(sequence)
    let first = t / together * together
    let end = min(first + together, steps)
    if t != (sequence.isReversed ? end - 1 : first) { return }
    let row = sequence.program.cotangentWidth
    func address(_ step: Int, _ row: Int) -> UnsafeRawPointer {
      UnsafeRawPointer(memories.address(Memory.cotangents, step, row))
    }
    if part.count == batch { return right.pack(address(first, 0), row: row, rows: (first * batch)..<(end * batch)) }
    for step in first..<end {
      let from = step * batch + part.lowerBound
      right.pack(address(step, part.lowerBound), row: row, rows: from..<(from + part.count))
    }
  }

  /// Adds the product of a segment whose rows are all packed.
  func add(_ memories: StepMemories) {
    fillLeft(memories)
    let kernels = Machine.kernels(for: sequence.type).products
    left.read { left in
      sums.fill { sums in
        Product(
          a: Operand(left, row: 1, column: pitch), b: .packed(UnsafeRawPointer(right.storage.pointer)),
          c: Target(sums, row: self.sums.shape[1], accumulates: !isEmpty, bias: nil), rows: height, columns: columns,
          depth: right.rows
        ).run(kernels, elementSize: bytes)
      }
    }
    withExtendedLifetime(right.storage) {}
    isEmpty = false
  }

  private func fillLeft(_ memories: StepMemories) {
    let copy = Machine.kernels(for: sequence.type).movement.copyPlane
    let (few, one) = (32, NDArray(1, sequence.type))
    left.fill { left in
      one.read { one in
        parallel((right.rows - 1) / few + 1, grain: 8) { share in
          for block in share {
            let (first, count) = (block * few, min(few, right.rows - block * few))
            var line = left + first * pitch * bytes
            for term in terms {
              let rows = memories.rows(term.left.memory)
              // Rows of one time have a constant distance; those of all times do where they are contiguous.
              let together = rows.time == batch * rows.row ? right.rows : batch
              var (row, target) = (first, line)
              while row < first + count {
                let run = min(first + count - row, together - row % together)
                let from = rows.address(row / batch, row % batch) + term.left.offset * bytes
                copy(from, rows.row / bytes, 1, target, pitch, 1, run, term.rows)
                target += run * pitch * bytes
                row += run
              }
              line += term.rows * bytes
            }
            copy(one, 0, 1, line, pitch, 1, count, 1)
          }
        }
      }
    }
  }

  /// The sums over all segments, for one term and for the columns of ā.
  func sum(of term: Int) -> NDArray {
    let first = terms[..<term].reduce(0) { $0 + $1.rows }
    return sums[first..<(first + terms[term].rows), ..<columns].contiguous()
  }

  var columnSums: NDArray { sums[height - 1, ..<columns].contiguous() }
}
