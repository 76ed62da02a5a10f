/// As `lstmForward` with normalised arguments and a normalised memory on its way out. A row of gates has 12·hidden elements: u, what the
/// hidden state contributes, v, what the input does, and s LN(u) + t LN(v) + b, which becomes i, f, g, o; then come mean and r of u, v
/// and c in 16 places. The weights are s, 4·hidden, the factors and the shifts of LN(c), hidden each, t and b, 4·hidden each, and the ε
/// of LN(u), LN(c) and LN(v).
@inlinable @inline(__always)
func layerNormForward<V: Vector>(
  _: V.Type, _ activations: GateKernels.Activations, _ step: StepRows, _ rows: Int, _ hidden: Int
) {
  var row = 0
  while row < rows {
    let here = LayerNormRow<V>(step, row, hidden)
    here.measure(here.recurred, 4 &* hidden, 0, here.weights.p[14 &* hidden])
    here.measure(here.projected, 4 &* hidden, 1, here.weights.p[14 &* hidden &+ 2])
    forEachVector(LayerNormGates<V>(here, hidden), 1, 4 &* hidden)
    activateGates(V.self, activations, here.step, 1, hidden)
    forEachVector(LSTMMemory<V>(here.step, hidden), 1, hidden)
    here.measure(Elements(here.step.cell), hidden, 2, here.weights.p[14 &* hidden &+ 1])
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
  @usableFromInline let projected: Elements<V>
  @usableFromInline let weights: Elements<V>
  /// Mean and r of u, v and c.
  @usableFromInline let moments: Elements<V>

  @inlinable @inline(__always)
  init(_ all: StepRows, _ row: Int, _ hidden: Int) {
    let block = hidden &* MemoryLayout<V.Scalar>.size
    let gates = all.gates(V.self, row: row)
    recurred = Elements(gates)
    projected = Elements(gates + (4 &* block))
    weights = Elements(all.weights)
    moments = Elements(gates + (12 &* block))
    step = StepRows(
      gates: gates + (8 &* block), width: all.width, hiddenBefore: all.hiddenBefore + (row &* block),
      hidden: all.hidden + (row &* block), cellBefore: all.cellBefore + (row &* block), cell: all.cell + (row &* block),
      weights: all.weights)
  }

  /// Asks for the row after this one, and for its cotangents from above.
  @inlinable @inline(__always)
  func prefetchNext(_ above: UnsafeRawPointer, _ hidden: Int) {
    recurred.prefetch(step.width, count: 12 &* hidden &+ 16)
    Elements<V>(step.cell).prefetch(hidden, count: hidden)
    Elements<V>(step.cellBefore).prefetch(hidden, count: hidden)
    UnrollKernelTemplates.prefetch(above, byteCount: hidden &* MemoryLayout<V.Scalar>.size)
  }

  /// Mean and r of n numbers go to a place of theirs among the moments.
  @inlinable @inline(__always)
  func measure(_ x: Elements<V>, _ n: Int, _ place: Int, _ epsilon: V.Scalar) {
    let normal = RowNormalization<V>(x, n, epsilon)
    moments.p[2 &* place] = normal.mean[0]
    moments.p[2 &* place &+ 1] = normal.r[0]
  }

  /// LN of what has been measured.
  @inlinable @inline(__always)
  func normalization(_ x: Elements<V>, _ place: Int) -> RowNormalization<V> {
    RowNormalization(x, mean: V(repeating: moments.p[2 &* place]), r: V(repeating: moments.p[2 &* place &+ 1]))
  }
}

/// s LN(u) + t LN(v) + b.
@usableFromInline
struct LayerNormGates<V: Vector>: StepBody {
  @usableFromInline let recurred: RowNormalization<V>
  @usableFromInline let projected: RowNormalization<V>
  @usableFromInline let weights: Elements<V>
  @usableFromInline let gates: Elements<V>
  @usableFromInline let hidden: Int

  @inlinable @inline(__always)
  init(_ row: LayerNormRow<V>, _ hidden: Int) {
    recurred = row.normalization(row.recurred, 0)
    projected = row.normalization(row.projected, 1)
    weights = row.weights
    gates = Elements(row.step.gates)
    self.hidden = hidden
  }

  @inlinable @inline(__always)
  func apply<Count: LaneCount>(_ row: Int, _ column: Int, _ n: Count) {
    let (factor, shift) = (weights[6 &* hidden &+ column, n], weights[10 &* hidden &+ column, n])
    let input = projected.apply(column, n).multiplied(by: factor, adding: shift)
    gates[column, n] = recurred.apply(column, n).multiplied(by: weights[column, n], adding: input)
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
    normal = row.normalization(Elements(row.step.cell), 2)
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
