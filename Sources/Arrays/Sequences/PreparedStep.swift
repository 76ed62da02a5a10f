internal import UnrollKernelTemplates

/// One cell made ready for many single steps: packed weights, and nothing to be looked up on the way.
package struct PreparedStep: Sendable {
  private let rule: StepRule
  package let size: Int
  /// Weights with a column for every column of the gates; those that a GRU's block does not have are zero.
  private let input: PackedMatrix
  private let recurrent: PackedMatrix
  /// What the gates begin from.
  private let bias: NDArray
  private let extra: NDArray?
  private let kernels: Kernels

  package init(_ rule: StepRule, _ weights: StepWeights) {
    let inputWeight = weights.input
    self.rule = rule
    let size = weights.recurrent.shape[0]
    self.size = size
    let type = inputWeight.type
    func zeros(_ rows: Int) -> NDArray { NDArray.zeros([rows, size], type) }
    let columns = rule.blocks * size
    let bias = weights.bias ?? NDArray.zeros([rule.projected.count * size], type)
    if rule == .gru {
      let blocks = weights.recurrentBlocks(rule)
      input = PackedMatrix(NDArray.concatenate([zeros(inputWeight.shape[0]), inputWeight], axis: 1))
      recurrent = PackedMatrix(NDArray.concatenate([blocks, zeros(size)], axis: 1))
      self.bias = NDArray.concatenate([weights.extra ?? NDArray.zeros([size], type), bias], axis: 0).contiguous()
      extra = nil
    } else {
      input = PackedMatrix(inputWeight)
      recurrent = PackedMatrix(weights.recurrent)
      self.bias = bias.contiguous()
      extra = weights.extra
    }
    kernels = Machine.kernels(for: type)
    require(self.bias.count == columns, "PreparedStep: \(self.bias.count) biases do not fit \(columns) columns")
  }

  package var inputCount: Int { input.rows }

  /// The next state from rows x `[batch, inputs]` and a state of `[batch, hidden]`.
  package func callAsFunction(_ x: NDArray, hidden: NDArray, cell: NDArray?) -> (hidden: NDArray, cell: NDArray?) {
    let (x, before) = (x.contiguous(), hidden.contiguous())
    let (rows, bytes) = (x.shape[0], x.type.size)
    let next = NDArray(uninitialized: [rows, size], x.type)
    let memory = cell?.contiguous()
    let nextMemory = memory.map { _ in NDArray(uninitialized: [rows, size], x.type) }
    withScratch(byteCount: rows * rule.blocks * size * bytes) { gates in
      multiply(x, input, into: gates, accumulates: false)
      multiply(before, recurrent, into: gates, accumulates: true)
      let (from, to) = (before.read { $0 }, next.fill { $0 })
      rule.kernels(kernels.gates).forward(
        StepRows(
          gates: gates, width: rule.blocks * size, hiddenBefore: from, hidden: to, cellBefore: memory?.read { $0 } ?? from,
          cell: nextMemory?.fill { $0 } ?? to, weights: extra?.read { $0 } ?? from),
        rows, size)
    }
    withExtendedLifetime((before, next, memory, nextMemory, extra)) {}
    return (next, nextMemory)
  }

  private func multiply(_ a: NDArray, _ b: PackedMatrix, into gates: UnsafeMutableRawPointer, accumulates: Bool) {
    let columns = rule.blocks * size
    a.read { x in
      bias.read { bias in
        Product(
          a: Operand(x, row: b.rows, column: 1), b: .packed(UnsafeRawPointer(b.storage.pointer)),
          c: Target(gates, row: columns, accumulates: accumulates, bias: accumulates ? nil : bias), rows: a.shape[0],
          columns: columns, depth: b.rows
        ).run(kernels.products, elementSize: a.type.size)
      }
    }
    withExtendedLifetime(b.storage) {}
  }
}
