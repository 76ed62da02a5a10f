internal import UnrollKernelTemplates

/// The norms of a loss's derivatives by every state of a sequence, row by row, as the way back met them.
package struct StateNorms: Sendable {
  /// By the outputs, `[steps + 1][batch]`: the state before the first step, after it, and so on, as the sequence meets them.
  package private(set) var hidden: [[Double]] = []
  /// By the memories likewise; empty where there are none.
  package private(set) var cell: [[Double]] = []
  /// Whether all states that the steps left are finite.
  package private(set) var areStatesFinite = true

  /// Puts a segment's norms before those of the segments that were met later.
  mutating func prepend(_ seen: SegmentCotangents, cell byCell: NDArray?, isReversed: Bool) {
    func ordered(_ cotangents: NDArray) -> [[Double]] {
      let rows = Self.norms(cotangents, batch: seen.batch)
      return isReversed ? rows.reversed() : rows
    }
    hidden = ordered(seen.hidden) + hidden
    if let byCell { cell = ordered(byCell) + cell }
  }

  mutating func check(_ states: NDArray?) {
    if let states, !states.norm(order: .infinity).item.isFinite { areStatesFinite = false }
  }

  /// These norms after those by the state before the first step.
  func beginning(hidden first: NDArray, cell firstCell: NDArray?) -> StateNorms {
    var all = self
    all.hidden = Self.norms(first, batch: first.shape[0]) + hidden
    if let firstCell { all.cell = Self.norms(firstCell, batch: first.shape[0]) + cell }
    return all
  }

  private static func norms(_ cotangents: NDArray, batch: Int) -> [[Double]] {
    let all: [Double] = cotangents.cast(to: .float64).norm(axes: -1).scalars()
    return stride(from: 0, to: all.count, by: batch).map { Array(all[$0..<($0 + batch)]) }
  }
}

/// What a way back hands to the states of one segment, in the order of time, `[time · batch, hidden]`; 0 where a row takes no part.
struct SegmentCotangents {
  let batch: Int
  /// By the outputs, from everything that reads them.
  let hidden: NDArray
  /// By the memories, from later steps alone.
  let cell: NDArray?
  private let add: BinaryKernel
  private let bytes: Int

  init(_ sequence: RecurrentSequence, steps: Int) {
    func zeros() -> NDArray {
      var zeros = NDArray.zeros([steps * sequence.batch, sequence.size], sequence.type)
      zeros.makeWritable(keepingElements: true)
      return zeros
    }
    batch = sequence.batch
    bytes = sequence.type.size
    hidden = zeros()
    cell = sequence.rule.hasCell ? zeros() : nil
    add = sequence.hidden.kernels.elements.binary(.addition)
  }

  /// Takes down what is handed to some rows, before the step changes it.
  func keep(_ given: StepCotangents, from element: Int, count: Int) {
    hidden.fill { add.run(given.above, 1, UnsafeRawPointer(given.next), 1, $0 + element * bytes, count) }
    cell?.fill { ($0 + element * bytes).copyMemory(from: given.byCell, byteCount: count * bytes) }
  }

  /// By the memories, the way through the output o tanh(c) counted: c̄ + h̄ o (1 − tanh² c), and pₒ āₒ where the output gate sees them.
  func byCell(outputGate o: NDArray, cell c: NDArray, peephole: (weight: NDArray, byGate: NDArray)?) -> NDArray? {
    guard let cell else { return nil }
    let t = c.tanh()
    let all = cell + hidden * o * (1 - t * t)
    return peephole.map { all + $0.byGate * $0.weight } ?? all
  }
}

extension StepRule {
  /// Whether the way back can say what it hands to each state.
  package var saysNorms: Bool { [.lstm, .peepholeLSTM, .gru, .tanh, .sigmoid, .relu, .identity].contains(self) }
}
