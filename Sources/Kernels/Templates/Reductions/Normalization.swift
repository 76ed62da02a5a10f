/// Layer normalisation of rows (mean 0, variance 1, then scaled and shifted) and its derivative, at one width. Every result
/// depends on its own rows in their order only.
public struct NormalizationKernels: Sendable {
  /// y = LN(x) s + b with LN(x) = (x − mean) r and r = 1/√(variance + ε). The mean and r of each row are stored too.
  public let forward:
    @Sendable (
      _ x: UnsafeRawPointer, _ scale: UnsafeRawPointer?, _ shift: UnsafeRawPointer?, _ epsilon: Double,
      _ result: NormalizationResult, _ rows: Int, _ n: Int
    ) -> Void
  /// The mean and r of one row.
  public let moments: @Sendable (_ x: UnsafeRawPointer, _ epsilon: Double, _ moments: UnsafeMutableRawPointer, _ n: Int) -> Void
  /// x̄ = r (g − mean g − LN(x) mean(g LN(x))) with g = ȳ s; s̄ += ȳ LN(x) and b̄ += ȳ, summed over the rows.
  public let backward:
    @Sendable (
      _ x: UnsafeRawPointer, _ scale: UnsafeRawPointer?, _ cotangents: NormalizationCotangents, _ rows: Int, _ n: Int
    ) -> Void

  @inlinable @inline(__always)
  public init<V: Vector>(_: V.Type) {
    forward = { x, scale, shift, epsilon, result, rows, n in
      normalizeRows(V.self, x, scale, shift, V.Scalar(epsilon), result, rows, n)
    }
    moments = { x, epsilon, moments, n in
      let (normal, moments) = (RowNormalization<V>(Elements(x), n, V.Scalar(epsilon)), Elements<V>(moments))
      moments.p[0] = normal.mean[0]
      moments.p[1] = normal.r[0]
    }
    backward = { normalizeBackward(V.self, $0, $1, $2, $3, $4) }
  }
}

/// The buffers of y and of the moments: the mean and r of each row, side by side.
public struct NormalizationResult {
  public var y: UnsafeMutableRawPointer
  public var moments: UnsafeMutableRawPointer

  @inlinable
  public init(y: UnsafeMutableRawPointer, moments: UnsafeMutableRawPointer) {
    self.y = y
    self.moments = moments
  }
}

/// The buffers of the moments and of ȳ, and the buffers of x̄, s̄ and b̄; nil where a cotangent is not needed.
public struct NormalizationCotangents {
  public var moments: UnsafeRawPointer
  public var byResult: UnsafeRawPointer
  public var byInput: UnsafeMutableRawPointer?
  public var byScale: UnsafeMutableRawPointer?
  public var byShift: UnsafeMutableRawPointer?

  @inlinable
  public init(
    moments: UnsafeRawPointer, byResult: UnsafeRawPointer, byInput: UnsafeMutableRawPointer?,
    byScale: UnsafeMutableRawPointer?, byShift: UnsafeMutableRawPointer?
  ) {
    self.moments = moments
    self.byResult = byResult
    self.byInput = byInput
    self.byScale = byScale
    self.byShift = byShift
  }
}

/// LN(x) = (x − mean) r for one row.
@usableFromInline
struct RowNormalization<V: Vector> {
  @usableFromInline let x: Elements<V>
  @usableFromInline let mean: V
  @usableFromInline let r: V

  @inlinable @inline(__always)
  init(_ x: Elements<V>, _ n: Int, _ epsilon: V.Scalar) {
    let count = V.Scalar(n)
    let mean = V(repeating: foldRow(Sum.self, V.self, UnsafePointer(x.p), n, V()) / count)
    let variance = foldRow(SumOfSquaredDeviations.self, V.self, UnsafePointer(x.p), n, mean) / count
    self.init(x, mean: mean, r: V(repeating: 1 / (variance + epsilon).squareRoot()))
  }

  @inlinable @inline(__always)
  init(_ x: Elements<V>, mean: V, r: V) {
    self.x = x
    self.mean = mean
    self.r = r
  }

  @inlinable @inline(__always)
  func apply<Count: LaneCount>(_ column: Int, _ n: Count) -> V { (x[column, n] - mean) * r }
}

/// The row means of a cotangent g of LN(x) and of g LN(x).
@usableFromInline
struct RowMeans<V: Vector> {
  @usableFromInline let g: V
  @usableFromInline let product: V

  @inlinable @inline(__always)
  init(_ sum: V.Scalar, _ products: V.Scalar, _ n: Int) {
    g = V(repeating: sum / V.Scalar(n))
    product = V(repeating: products / V.Scalar(n))
  }

  /// r (g − mean g − LN(x) mean(g LN(x))).
  @inlinable @inline(__always)
  func handedOn(_ cotangent: V, _ normal: V, _ r: V) -> V { r * (cotangent - g - normal * product) }
}

/// One number per column, or a default for all columns where there is no buffer.
@usableFromInline
struct ColumnWeights<V: Vector> {
  @usableFromInline let p: UnsafePointer<V.Scalar>?
  @usableFromInline let absent: V

  @inlinable @inline(__always)
  init(_ p: UnsafeRawPointer?, absent: V) {
    self.p = p?.assumingMemoryBound(to: V.Scalar.self)
    self.absent = absent
  }

  @inlinable @inline(__always)
  subscript<Count: LaneCount>(column: Int, n: Count) -> V {
    if let p { return n.load(p + column) }
    return absent
  }
}

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
