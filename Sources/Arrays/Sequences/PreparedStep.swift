internal import UnrollKernelTemplates

/// One cell made ready for many single steps: packed weights, and nothing to be looked up on the way.
package struct PreparedStep: Sendable {
  private let rule: StepRule
  package let size: Int
  /// The weights of the blocks that the input and the hidden state contribute to. A column of zeros in the place of a block that is not
  /// contributed to would make NaN of an infinite input.
  private let input: PackedMatrix
  private let recurrent: PackedMatrix
  /// What the blocks begin from that the input contributes to.
  private let bias: NDArray?
  private let extra: NDArray?
  private let kernels: Kernels

  package init(_ rule: StepRule, _ weights: StepWeights) {
    self.rule = rule
    size = weights.recurrent.shape[0]
    input = PackedMatrix(weights.input)
    recurrent = PackedMatrix(weights.recurrentBlocks(rule))
    bias = weights.bias
    extra = weights.extra
    kernels = Machine.kernels(for: weights.input.type)
    require(
      bias.map { $0.count == rule.projected.count * size } ?? true,
      "PreparedStep: \(bias?.count ?? 0) biases do not fit \(rule.projected.count * size) columns")
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
      beginBlocks(gates, rows)
      withOptionalAddress(of: bias) { multiply(x, input, into: gates, rule.projected, accumulates: false, $0) }
      multiply(before, recurrent, into: gates, rule.recurred, accumulates: rule.beginsFromBlocks, nil)
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

  /// The blocks before those of the input begin from the bias inside the reset gate, or from zero.
  private func beginBlocks(_ gates: UnsafeMutableRawPointer, _ rows: Int) {
    if rule.projected.lowerBound == 0 { return }
    let bytes = rule.projected.lowerBound * size * input.type.size
    for row in 0..<rows {
      let target = gates + row * rule.blocks * size * input.type.size
      if let extra {
        extra.read { target.copyMemory(from: $0, byteCount: bytes) }
      } else {
        _ = target.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
      }
    }
  }

  private func multiply(
    _ a: NDArray, _ b: PackedMatrix, into gates: UnsafeMutableRawPointer, _ blocks: Range<Int>, accumulates: Bool,
    _ bias: UnsafeRawPointer?
  ) {
    a.read { x in
      Product(
        a: Operand(x, row: b.rows, column: 1), b: .packed(UnsafeRawPointer(b.storage.pointer)),
        c: Target(
          gates + blocks.lowerBound * size * a.type.size, row: rule.blocks * size, accumulates: accumulates, bias: bias),
        rows: a.shape[0], columns: b.columns, depth: b.rows
      ).run(kernels.products, elementSize: a.type.size)
    }
    withExtendedLifetime(b.storage) {}
  }
}
