/// As `lstmForward` with normalised arguments and a normalised memory on its way out. A row of gates has 8·hidden elements u, what the
/// hidden state contributes, and a, what the input does; u stays, a + s LN(u) becomes i, f, g, o. The weights are s, 4·hidden, the
/// factors and the shifts of LN(c), hidden each, the ε of LN(u), and that of LN(c).
@inlinable @inline(__always)
func layerNormForward<V: Vector>(
  _: V.Type, _ activations: GateKernels.Activations, _ step: StepRows, _ rows: Int, _ hidden: Int
) {
  var row = 0
  while row < rows {
    let here = LayerNormRow<V>(step, row, hidden)
    forEachVector(LayerNormGates<V>(here, hidden), 1, 4 &* hidden)
    activateGates(V.self, activations, here.step.gates, 1, hidden)
    forEachVector(LSTMMemory<V>(here.step, hidden), 1, hidden)
    forEachVector(LayerNormMemory<V>(here, to: here.step.hidden, hidden), 1, hidden)
    activations.tanh.run(here.step.hidden, here.step.hidden, hidden, 0, 0)
    forEachVector(LSTMOutput<V>(here.step, hidden), 1, hidden)
    row &+= 1
  }
}

/// One row of a step, whose gates are i, f, g, o, with its weights.
@usableFromInline
struct LayerNormRow<V: Vector> {
  @usableFromInline let step: StepRows
  @usableFromInline let recurred: Elements<V>
  @usableFromInline let weights: Elements<V>

  @inlinable @inline(__always)
  init(_ all: StepRows, _ row: Int, _ hidden: Int) {
    let block = hidden &* MemoryLayout<V.Scalar>.size
    let gates = all.gates + (8 &* row &* block)
    recurred = Elements(gates)
    weights = Elements(all.weights)
    step = StepRows(
      gates: gates + (4 &* block), hiddenBefore: all.hiddenBefore + (row &* block), hidden: all.hidden + (row &* block),
      cellBefore: all.cellBefore + (row &* block), cell: all.cell + (row &* block), weights: all.weights)
  }
}

/// a += s LN(u).
@usableFromInline
struct LayerNormGates<V: Vector>: StepBody {
  @usableFromInline let normal: RowNormalization<V>
  @usableFromInline let scale: Elements<V>
  @usableFromInline let gates: Elements<V>

  @inlinable @inline(__always)
  init(_ row: LayerNormRow<V>, _ hidden: Int) {
    normal = RowNormalization(row.recurred, 4 &* hidden, row.weights.p[6 &* hidden])
    scale = row.weights
    gates = Elements(row.step.gates)
  }

  @inlinable @inline(__always)
  func apply<Count: LaneCount>(_ row: Int, _ column: Int, _ n: Count) {
    gates[column, n] = normal.apply(column, n).multiplied(by: scale[column, n], adding: gates[column, n])
  }
}

/// s LN(c) + b.
@usableFromInline
struct LayerNormMemory<V: Vector>: StepBody {
  @usableFromInline let normal: RowNormalization<V>
  @usableFromInline let weights: Elements<V>
  @usableFromInline let result: Elements<V>
  @usableFromInline let hidden: Int

  @inlinable @inline(__always)
  init(_ row: LayerNormRow<V>, to result: UnsafeMutableRawPointer, _ hidden: Int) {
    normal = RowNormalization(Elements(row.step.cell), hidden, row.weights.p[6 &* hidden &+ 1])
    weights = row.weights
    self.result = Elements(result)
    self.hidden = hidden
  }

  @inlinable @inline(__always)
  func apply<Count: LaneCount>(_ row: Int, _ column: Int, _ n: Count) {
    let (scale, shift) = (weights[4 &* hidden &+ column, n], weights[5 &* hidden &+ column, n])
    result[column, n] = normal.apply(column, n).multiplied(by: scale, adding: shift)
  }
}
