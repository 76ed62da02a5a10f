/// LN(x) s + b of each row. The mean and r of the row are stored for the derivative.
@inlinable @inline(__always)
func normalizeRows<V: Vector>(
  _: V.Type, _ x: UnsafeRawPointer, _ scale: UnsafeRawPointer?, _ shift: UnsafeRawPointer?, _ epsilon: V.Scalar,
  _ result: NormalizationResult, _ rows: Int, _ n: Int
) {
  let block = n &* MemoryLayout<V.Scalar>.size
  let moments = Elements<V>(result.moments)
  var row = 0
  while row < rows {
    let normal = RowNormalization<V>(Elements(x + (row &* block)), n, epsilon)
    moments.p[2 &* row] = normal.mean[0]
    moments.p[2 &* row &+ 1] = normal.r[0]
    forEachVector(
      ScaledNormalization<V>(
        normal: normal, scale: ColumnWeights(scale, absent: V.number(1)), shift: ColumnWeights(shift, absent: V()),
        result: Elements(result.y + (row &* block))), 1, n)
    row &+= 1
  }
}

/// y = LN(x) s + b.
@usableFromInline
struct ScaledNormalization<V: Vector>: StepBody {
  @usableFromInline let normal: RowNormalization<V>
  @usableFromInline let scale: ColumnWeights<V>
  @usableFromInline let shift: ColumnWeights<V>
  @usableFromInline let result: Elements<V>

  @inlinable @inline(__always)
  init(normal: RowNormalization<V>, scale: ColumnWeights<V>, shift: ColumnWeights<V>, result: Elements<V>) {
    self.normal = normal
    self.scale = scale
    self.shift = shift
    self.result = result
  }

  @inlinable @inline(__always)
  func apply<Count: LaneCount>(_ row: Int, _ column: Int, _ n: Count) {
    result[column, n] = normal.apply(column, n).multiplied(by: scale[column, n], adding: shift[column, n])
  }
}

/// The derivative of `normalizeRows`. Each row is read twice: for its sums, and, from the first-level cache, for x̄.
@inlinable @inline(__always)
func normalizeBackward<V: Vector>(
  _: V.Type, _ x: UnsafeRawPointer, _ scale: UnsafeRawPointer?, _ cotangents: NormalizationCotangents, _ rows: Int, _ n: Int
) {
  var row = 0
  while row < rows {
    let here = NormalizationRow<V>(x, scale, cotangents, row, n)
    let means = here.means(n)
    if let byInput = cotangents.byInput {
      let result = Elements<V>(byInput + (row &* n &* MemoryLayout<V.Scalar>.size))
      forEachVector(NormalizationInputBackward<V>(row: here, means: means, result: result), 1, n)
    }
    row &+= 1
  }
}

/// One row of the derivative.
@usableFromInline
struct NormalizationRow<V: Vector> {
  @usableFromInline let normal: RowNormalization<V>
  @usableFromInline let scale: ColumnWeights<V>
  @usableFromInline let byResult: Elements<V>
  @usableFromInline let byScale: Elements<V>?
  @usableFromInline let byShift: Elements<V>?

  @inlinable @inline(__always)
  init(_ x: UnsafeRawPointer, _ scale: UnsafeRawPointer?, _ cotangents: NormalizationCotangents, _ row: Int, _ n: Int) {
    let block = n &* MemoryLayout<V.Scalar>.size
    let moments = Elements<V>(cotangents.moments)
    normal = RowNormalization(
      Elements(x + (row &* block)), mean: V(repeating: moments.p[2 &* row]), r: V(repeating: moments.p[2 &* row &+ 1]))
    self.scale = ColumnWeights(scale, absent: V.number(1))
    byResult = Elements(cotangents.byResult + (row &* block))
    byScale = cotangents.byScale.map { Elements($0) }
    byShift = cotangents.byShift.map { Elements($0) }
  }

  /// The means of g and g LN(x). Also adds the row to s̄ and b̄. Blocks of 64 vectors are summed first, so that the rounding
  /// error does not grow with the length of the row.
  @inlinable @inline(__always)
  func means(_ n: Int) -> RowMeans<V> {
    let width = V.scalarCount
    var (sum, products) = (V(), V())
    var column = 0
    while column &+ width <= n {
      let last = min(n &- width, column &+ 63 &* width)
      var (g, product) = (V(), V())
      while column <= last {
        add(column, AllLanes(), &g, &product)
        column &+= width
      }
      sum += g
      products += product
    }
    // Lanes beyond the end have the cotangent zero and add nothing.
    if column < n { add(column, FirstLanes(count: n &- column), &sum, &products) }
    return RowMeans(foldLanes(Sum.self, sum), foldLanes(Sum.self, products), n)
  }

  @inlinable @inline(__always)
  func add<Count: LaneCount>(_ column: Int, _ n: Count, _ g: inout V, _ product: inout V) {
    let (cotangent, normal) = (byResult[column, n], normal.apply(column, n))
    if let byScale { byScale[column, n] = cotangent.multiplied(by: normal, adding: byScale[column, n]) }
    if let byShift { byShift[column, n] = byShift[column, n] + cotangent }
    let scaled = cotangent * scale[column, n]
    g += scaled
    product = scaled.multiplied(by: normal, adding: product)
  }
}

/// x̄ = r (g − mean g − LN(x) mean(g LN(x))) with g = ȳ s.
@usableFromInline
struct NormalizationInputBackward<V: Vector>: StepBody {
  @usableFromInline let row: NormalizationRow<V>
  @usableFromInline let means: RowMeans<V>
  @usableFromInline let result: Elements<V>

  @inlinable @inline(__always)
  init(row: NormalizationRow<V>, means: RowMeans<V>, result: Elements<V>) {
    self.row = row
    self.means = means
    self.result = result
  }

  @inlinable @inline(__always)
  func apply<Count: LaneCount>(_ index: Int, _ column: Int, _ n: Count) {
    let g = row.byResult[column, n] * row.scale[column, n]
    result[column, n] = means.handedOn(g, row.normal.apply(column, n), row.normal.r)
  }
}
