internal import UnrollKernelTemplates

/// The cotangents of a sequence's weights where input and hidden state contribute to the same gates: those of the input's weights, of
/// the recurrent ones and of the bias are the rows of one product, [x, h, 1]ᵀ ā, added up over segments.
struct WeightProduct {
  private let sequence: RecurrentSequence
  private let inputs: Int
  /// [x, h, 1] of a segment.
  private let left: NDArray
  /// ā of a segment.
  private(set) var right: PackedMatrix
  private let sums: NDArray
  private var isEmpty = true

  private var hidden: Int { sequence.size }
  private var pitch: Int { left.shape[1] }
  private var bytes: Int { sequence.type.size }
  private var columns: Int { sequence.rule.cotangentBlocks * hidden }

  init(_ sequence: RecurrentSequence, inputs: Int) {
    self.sequence = sequence
    self.inputs = inputs
    let (rows, type) = (sequence.segmentLength * sequence.batch, sequence.type)
    let width = inputs + sequence.size + 1
    left = NDArray(uninitialized: [rows, spreadWidth(width)], type)
    let columns = sequence.rule.cotangentBlocks * sequence.size
    right = PackedMatrix(rows: 0, columns: columns, type)
    let addsUp = sequence.stepCount > sequence.segmentLength
    sums = NDArray(uninitialized: [width, addsUp ? spreadWidth(columns) : columns], type)
  }

  /// Makes room for a segment.
  mutating func begin(_ segment: Segment) {
    let rows = segment.times.count * sequence.batch
    if right.rows != rows { right = PackedMatrix(rows: rows, columns: columns, sequence.type) }
  }

  /// Adds the product of a segment all of whose rows are packed.
  mutating func add(_ x: NDArray, _ before: NDArray) {
    fillLeft(x, before)
    let kernels = sequence.hidden.kernels.products
    left.read { left in
      sums.fill { sums in
        Product(
          a: Operand(left, row: 1, column: pitch), b: .packed(UnsafeRawPointer(right.storage.pointer)),
          c: Target(sums, row: self.sums.shape[1], accumulates: !isEmpty, bias: nil), rows: inputs + hidden + 1,
          columns: columns, depth: right.rows
        ).run(kernels, elementSize: bytes)
      }
    }
    withExtendedLifetime(right.storage) {}
    isEmpty = false
  }

  private func fillLeft(_ x: NDArray, _ before: NDArray) {
    let copy = sequence.hidden.kernels.movement.copyPlane
    let (few, one) = (32, NDArray(1, sequence.type))
    left.fill { left in
      x.read { x in
        before.read { before in
          one.read { one in
            parallel((right.rows - 1) / few + 1, grain: 8) { share in
              for block in share {
                let (first, count) = (block * few, min(few, right.rows - block * few))
                let line = left + first * pitch * bytes
                copy(x + first * inputs * bytes, inputs, 1, line, pitch, 1, count, inputs)
                copy(before + first * hidden * bytes, hidden, 1, line + inputs * bytes, pitch, 1, count, hidden)
                copy(one, 0, 1, line + (inputs + hidden) * bytes, pitch, 1, count, 1)
              }
            }
          }
        }
      }
    }
  }

  /// The sums of all segments.
  var byInputWeight: NDArray { sums[..<inputs, ..<columns].contiguous() }
  var byRecurrentWeight: NDArray { sums[inputs..<(inputs + hidden), ..<columns].contiguous() }
  var byBias: NDArray { sums[inputs + hidden, ..<columns].contiguous() }
}
