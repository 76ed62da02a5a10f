/// The way back of `layerNormForward`: through the output, the normalised memory, the gates, and what is normalised for them.
@inlinable @inline(__always)
func layerNormBackward<V: Vector>(
  _: V.Type, _ activations: GateKernels.Activations, _ step: StepRows, _ cotangents: StepCotangents, _ rows: Int, _ hidden: Int
) {
  var row = 0
  while row < rows {
    let here = LayerNormRow<V>(step, row, hidden)
    here.prefetchNext(cotangents.above + (row &+ 1) &* hidden &* MemoryLayout<V.Scalar>.size, hidden)
    let back = LayerNormCotangents<V>(cotangents, row, hidden)
    let tangent = UnsafeMutableRawPointer(back.byGates.p + 3 &* hidden)
    let memory = LayerNormMemory<V>(here, to: tangent, hidden)
    forEachVector(memory, 1, hidden)
    activations.tanh.run(tangent, tangent, hidden, 0, 0)
    forEachVector(LayerNormOutputBackward<V>(memory, here, back), 1, hidden)
    let byMemory = RowMeans<V>(back.byGates.p, back.byGates.p + hidden, hidden)
    forEachVector(LayerNormMemoryBackward<V>(memory, byMemory, here, back), 1, hidden)
    back.handOn(LayerNormGates<V>(here, hidden))
    row &+= 1
  }
}

/// The cotangents of one row.
@usableFromInline
struct LayerNormCotangents<V: Vector> {
  @usableFromInline let above: Elements<V>
  @usableFromInline let next: Elements<V>
  @usableFromInline let byCell: Elements<V>
  /// Those of u, and those of i, f, g, o before activation, whose place those of v take.
  @usableFromInline let byRecurred: Elements<V>
  @usableFromInline let byGates: Elements<V>
  /// Those of the weights, which all rows add to.
  @usableFromInline let byWeights: Elements<V>
  @usableFromInline let hidden: Int

  @inlinable @inline(__always)
  init(_ all: StepCotangents, _ row: Int, _ hidden: Int) {
    let block = hidden &* MemoryLayout<V.Scalar>.size
    above = Elements(all.above + (row &* block))
    next = Elements(all.next + (row &* block))
    byCell = Elements(all.byCell + (row &* block))
    byRecurred = Elements(all.byGates + (8 &* row &* block))
    byGates = Elements(all.byGates + ((8 &* row &+ 4) &* block))
    byWeights = Elements(all.byWeights)
    self.hidden = hidden
  }

  /// ū and v̄ from those of the gates, and what the weights of both get.
  @inlinable @inline(__always)
  func handOn(_ gates: LayerNormGates<V>) {
    let (n, weights, byFactors) = (4 &* hidden, gates.weights.p, byWeights.p + 6 &* hidden)
    let recurred = NormalizationRow<V>(
      gates.recurred, scale: weights, byResult: byGates, byScale: byWeights, byShift: nil)
    let projected = NormalizationRow<V>(
      gates.projected, scale: weights + 6 &* hidden, byResult: byGates, byScale: Elements(UnsafeMutableRawPointer(byFactors)),
      byShift: Elements(UnsafeMutableRawPointer(byFactors + 4 &* hidden)))
    let (meansOfRecurred, meansOfProjected) = (recurred.means(n), projected.means(n))
    forEachVector(NormalizationInputBackward<V>(row: recurred, means: meansOfRecurred, result: byRecurred), 1, n)
    forEachVector(NormalizationInputBackward<V>(row: projected, means: meansOfProjected, result: byGates), 1, n)
  }
}

/// With T = tanh n in the place of āₒ and h̄ = above + next: āₒ = h̄ T o (1 − o), n̄ = h̄ o (1 − T²); of n = s LN(c) + b the parts
/// s̄ += n̄ LN(c), b̄ += n̄, and g = n̄ s and g LN(c) in the places of āᵢ and ā_f.
@usableFromInline
struct LayerNormOutputBackward<V: Vector>: StepBody {
  @usableFromInline let memory: LayerNormMemory<V>
  @usableFromInline let gates: Elements<V>
  @usableFromInline let back: LayerNormCotangents<V>

  @inlinable @inline(__always)
  init(_ memory: LayerNormMemory<V>, _ row: LayerNormRow<V>, _ back: LayerNormCotangents<V>) {
    self.memory = memory
    gates = Elements(row.step.gates)
    self.back = back
  }

  @inlinable @inline(__always)
  func apply<Count: LaneCount>(_ row: Int, _ column: Int, _ n: Count) {
    let (one, hidden) = (V.number(1), back.hidden)
    let (o, t) = (gates[3 &* hidden &+ column, n], back.byGates[3 &* hidden &+ column, n])
    let byOutput = back.above[column, n] + back.next[column, n]
    back.byGates[3 &* hidden &+ column, n] = byOutput * t * (o * (one - o))
    let byNormal = byOutput * o * (one - t * t)
    let normal = memory.normal.apply(column, n)
    let (scale, shift) = (4 &* hidden &+ column, 5 &* hidden &+ column)
    back.byWeights[scale, n] = byNormal.multiplied(by: normal, adding: back.byWeights[scale, n])
    back.byWeights[shift, n] = back.byWeights[shift, n] + byNormal
    let g = byNormal * memory.weights[scale, n]
    back.byGates[column, n] = g
    back.byGates[hidden &+ column, n] = g * normal
  }
}

/// c̄ += what LN hands on; āᵢ = c̄ g i (1 − i), ā_f = c̄ c₀ f (1 − f), ā_g = c̄ i (1 − g²); c̄ ← c̄ f.
@usableFromInline
struct LayerNormMemoryBackward<V: Vector>: StepBody {
  @usableFromInline let memory: LayerNormMemory<V>
  @usableFromInline let means: RowMeans<V>
  @usableFromInline let gates: Elements<V>
  @usableFromInline let cellBefore: Elements<V>
  @usableFromInline let back: LayerNormCotangents<V>

  @inlinable @inline(__always)
  init(_ memory: LayerNormMemory<V>, _ means: RowMeans<V>, _ row: LayerNormRow<V>, _ back: LayerNormCotangents<V>) {
    self.memory = memory
    self.means = means
    gates = Elements(row.step.gates)
    cellBefore = Elements(row.step.cellBefore)
    self.back = back
  }

  @inlinable @inline(__always)
  func apply<Count: LaneCount>(_ row: Int, _ column: Int, _ n: Count) {
    let (one, hidden) = (V.number(1), back.hidden)
    let normal = memory.normal
    let c = back.byCell[column, n] + means.handedOn(back.byGates[column, n], normal.apply(column, n), normal.r)
    let (i, f, g) = (gates[column, n], gates[hidden &+ column, n], gates[2 &* hidden &+ column, n])
    back.byGates[column, n] = c * g * (i * (one - i))
    back.byGates[hidden &+ column, n] = c * cellBefore[column, n] * (f * (one - f))
    back.byGates[2 &* hidden &+ column, n] = c * i * (one - g * g)
    back.byCell[column, n] = c * f
  }
}
