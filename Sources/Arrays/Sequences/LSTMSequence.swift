internal import UnrollKernelTemplates

/// A sequence's way through one LSTM, computed at once: one product for all inputs, packed recurrent weights, and the elementwise part
/// of a step in one pass.
///
/// Rows of the batch never meet, so that threads share them out once and not at every step.
package struct LSTMSequence: Sendable {
  /// The gates i, f, g, o after activation, `[time · batch, 4 · hidden]`.
  let gates: NDArray
  /// The state before each step and the one after the last, in the order of time, `[time + 1, batch, hidden]`.
  private let hidden: NDArray
  private let cells: NDArray
  private let isReversed: Bool

  private var stepCount: Int { hidden.shape[0] - 1 }
  private var batch: Int { hidden.shape[1] }
  private var size: Int { hidden.shape[2] }

  /// Runs a contiguous x `[time, batch, inputs]` from a state of `[batch, hidden]`.
  package init(
    _ x: NDArray, _ inputWeight: NDArray, _ bias: NDArray?, _ recurrentWeight: NDArray, hidden h: NDArray, cell c: NDArray,
    isReversed: Bool
  ) {
    let (steps, batch, size) = (x.shape[0], x.shape[1], h.shape[1])
    var gates = NDArray(uninitialized: [steps * batch, 4 * size], x.type)
    NDArray.multiply(x.reshaped([steps * batch, x.shape[2]]), inputWeight, into: &gates, bias: bias)
    var hidden = NDArray(uninitialized: [steps + 1, batch, size], x.type)
    var cells = NDArray(uninitialized: [steps + 1, batch, size], x.type)
    hidden[isReversed ? steps : 0] = h
    cells[isReversed ? steps : 0] = c
    self.gates = gates
    self.hidden = hidden
    self.cells = cells
    self.isReversed = isReversed
    run(PackedMatrix(recurrentWeight))
  }

  /// A sequence that has run already, from what `residuals` gave.
  package init(residuals: [NDArray], isReversed: Bool) {
    (gates, hidden, cells) = (residuals[0], residuals[1], residuals[2])
    self.isReversed = isReversed
  }

  /// What the walk back needs.
  package var residuals: [NDArray] { [gates, hidden, cells] }

  /// Where a step's state lies: the one that it begins from, and the one that it leaves.
  private func places(_ step: Int) -> (before: Int, after: Int) { isReversed ? (step + 1, step) : (step, step + 1) }

  /// The steps in the order in which they run.
  private func step(_ position: Int) -> Int { isReversed ? stepCount - 1 - position : position }

  /// How many rows a thread takes for the whole sequence. Few rows stay together, and their products are split by columns.
  private var rowGrain: Int {
    let work = batch * 4 * size * size
    return batch >= 8 && work >= 2 * Product.splitGrain ? (batch - 1) / Machine.threadCount + 1 : batch
  }

  private func run(_ weights: PackedMatrix) {
    let kernels = gates.kernels
    let (bytes, count, rows) = (gates.type.size, size, batch)
    gates.fill { g in
      hidden.fill { h in
        cells.fill { c in
          parallel(rows, grain: rowGrain) { part in
            for position in 0..<stepCount {
              let t = step(position)
              let (before, after) = places(t)
              let start = (before * rows + part.lowerBound) * count * bytes
              let end = (after * rows + part.lowerBound) * count * bytes
              let here = g + (t * rows + part.lowerBound) * 4 * count * bytes
              Product(
                a: Operand(h + start, row: count, column: 1), b: .packed(UnsafeRawPointer(weights.storage.pointer)),
                c: Target(here, row: 4 * count, accumulates: true, bias: nil), rows: part.count, columns: 4 * count,
                depth: count
              ).run(kernels.products, elementSize: bytes)
              kernels.gates.lstmForward(here, c + start, c + end, h + end, part.count, count)
            }
          }
        }
      }
    }
    withExtendedLifetime(weights.storage) {}
  }

  /// The outputs of all steps, `[time, batch, hidden]`.
  package var outputs: NDArray { isReversed ? hidden[..<stepCount] : hidden[1...] }

  /// The memory after the last step, `[batch, hidden]`.
  package var lastCell: NDArray { cells[isReversed ? 0 : stepCount] }

  /// The states that the steps begin from, in the order of time, `[time · batch, hidden]`.
  private var before: NDArray {
    (isReversed ? hidden[1...] : hidden[..<stepCount]).reshaped([stepCount * batch, size])
  }

  /// The cotangents of the gates before activation, `[time · batch, 4 · hidden]`, and of the initial state.
  package func backward(
    _ byOutputs: NDArray?, _ byLastCell: NDArray?, _ recurrentWeight: NDArray
  ) -> (gates: NDArray, hidden: NDArray, cell: NDArray) {
    let byGates = NDArray(uninitialized: gates.shape, gates.type)
    let zeros = NDArray.zeros([batch, size], gates.type)
    var next = NDArray.zeros([batch, size], gates.type)
    var byCell = byLastCell?.contiguous() ?? zeros
    next.makeWritable(keepingElements: true)
    byCell.makeWritable(keepingElements: true)
    let above = byOutputs?.contiguous() ?? zeros
    runBackward(
      byGates, above, isConstant: byOutputs == nil, next, byCell, PackedMatrix(recurrentWeight.transposed()))
    return (byGates, next, byCell)
  }

  private func runBackward(
    _ byGates: NDArray, _ above: NDArray, isConstant: Bool, _ next: NDArray, _ byCell: NDArray, _ weights: PackedMatrix
  ) {
    let kernels = gates.kernels
    let (bytes, count, rows) = (gates.type.size, size, batch)
    let addresses = Addresses(
      gates: gates.read { $0 }, cells: cells.read { $0 }, above: above.read { $0 }, next: next.fill { $0 },
      byCell: byCell.fill { $0 }, byGates: byGates.fill { $0 })
    parallel(rows, grain: rowGrain) { part in
      for position in (0..<stepCount).reversed() {
        let t = step(position)
        let (before, after) = places(t)
        let row = part.lowerBound * count * bytes
        let (step, here) = (t * rows * count * bytes, (t * rows + part.lowerBound) * 4 * count * bytes)
        kernels.gates.lstmBackward(
          addresses.gates + here, addresses.cells + before * rows * count * bytes + row,
          addresses.cells + after * rows * count * bytes + row, addresses.above + (isConstant ? 0 : step) + row,
          addresses.next + row, addresses.byCell + row, addresses.byGates + here, part.count, count)
        Product(
          a: Operand(addresses.byGates + here, row: 4 * count, column: 1),
          b: .packed(UnsafeRawPointer(weights.storage.pointer)),
          c: Target(addresses.next + row, row: count, accumulates: false, bias: nil), rows: part.count, columns: count,
          depth: 4 * count
        ).run(kernels.products, elementSize: bytes)
      }
    }
    withExtendedLifetime((gates, cells, above, next, byCell, byGates)) {}
    withExtendedLifetime(weights.storage) {}
  }

  /// The cotangent of the recurrent weights: one product over all steps.
  package func byRecurrentWeight(_ byGates: NDArray) -> NDArray { before.transposed().matmul(byGates) }

  /// Where the arrays of a walk back lie while it runs.
  private struct Addresses: @unchecked Sendable {
    let gates: UnsafeRawPointer
    let cells: UnsafeRawPointer
    let above: UnsafeRawPointer
    let next: UnsafeMutableRawPointer
    let byCell: UnsafeMutableRawPointer
    let byGates: UnsafeMutableRawPointer
  }
}
