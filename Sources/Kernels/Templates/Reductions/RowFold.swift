/// Reduces `n` contiguous elements to one number. Blocks run as four independent vectors; several blocks are combined pairwise.
@inlinable @inline(__always)
func foldRow<F: Fold, V: Vector>(_: F.Type, _: V.Type, _ x: UnsafePointer<V.Scalar>, _ n: Int, _ parameter: V) -> V.Scalar {
  let lanes = V.scalarCount
  let identity = V(repeating: V.Scalar(F.identity))
  var total = identity
  var j = 0
  if n >= 8 &* lanes {
    total = foldBlock(F.self, V.self, x, n, &j, parameter)
    if j &+ 4 &* lanes <= n {
      var blocks = Pairwise<F, V, 1>(F.self)
      blocks.append([total])
      while j &+ 4 &* lanes <= n { blocks.append([foldBlock(F.self, V.self, x, n, &j, parameter)]) }
      total = blocks.result[0]
    }
  }
  while j &+ lanes <= n {
    total = F.combine(total, F.map(V.load(x + j), parameter))
    j &+= lanes
  }
  if j < n {
    total = F.combine(total, keepingLanes(F.map(partialLoad(V.self, x + j, n &- j), parameter), n &- j, identity))
  }
  return foldLanes(F.self, total)
}

/// Reduces at most 128 vectors from j on, as four independent chains, and moves j past them. Out of line, because short rows
/// and the blocks of long ones share it.
@inlinable @inline(never)
func foldBlock<F: Fold, V: Vector>(
  _: F.Type, _: V.Type, _ x: UnsafePointer<V.Scalar>, _ n: Int, _ j: inout Int, _ parameter: V
) -> V {
  let lanes = V.scalarCount
  let identity = V(repeating: V.Scalar(F.identity))
  let end = min(n &- 4 &* lanes, j &+ 124 &* lanes)
  var (a, b, c, d) = (identity, identity, identity, identity)
  while j <= end {
    let p = x + j
    a = F.combine(a, F.map(V.load(p), parameter))
    b = F.combine(b, F.map(V.load(p + lanes), parameter))
    c = F.combine(c, F.map(V.load(p + 2 &* lanes), parameter))
    d = F.combine(d, F.map(V.load(p + 3 &* lanes), parameter))
    j &+= 4 &* lanes
  }
  return F.combine(F.combine(a, b), F.combine(c, d))
}

/// Reduces each row: y[i] = fold(row i) / divisor.
@inlinable @inline(__always)
func foldRows<F: Fold, V: Vector>(
  _: F.Type, _: V.Type, _ x: UnsafePointer<V.Scalar>, _ row: Int, _ rows: Int, _ n: Int,
  _ parameters: UnsafePointer<V.Scalar>?, _ divisor: V.Scalar, _ y: UnsafeMutablePointer<V.Scalar>
) {
  for i in 0..<rows {
    let parameter = V(repeating: parameters.map { $0[i] } ?? 0)
    y[i] = foldRow(F.self, V.self, x + i &* row, n, parameter) / divisor
  }
}

/// The body of a loop over the vectors of rows.
@usableFromInline
protocol StepBody {
  associatedtype V: Vector

  /// Processes the vector of a row that begins at `column`.
  func apply<Count: LaneCount>(_ row: Int, _ column: Int, _ n: Count)
}

/// Calls a body for every vector of every row. Whole vectors and the rest of a row are separate instances: the compiler splits
/// a vector into lanes where it may be either.
@inlinable @inline(__always)
func forEachVector<Body: StepBody>(_ body: Body, _ rows: Int, _ length: Int) {
  let width = Body.V.scalarCount
  var row = 0
  while row < rows {
    var column = 0
    while column &+ width <= length {
      body.apply(row, column, AllLanes())
      column &+= width
    }
    if column < length { body.apply(row, column, FirstLanes(count: length &- column)) }
    row &+= 1
  }
}

/// The lanes of a vector that exist.
@usableFromInline
protocol LaneCount {
  func load<V: Vector>(_ p: UnsafePointer<V.Scalar>) -> V
  func store<V: Vector>(_ x: V, _ p: UnsafeMutablePointer<V.Scalar>)
}

@usableFromInline
struct AllLanes: LaneCount {
  @inlinable @inline(__always)
  init() {}

  @inlinable @inline(__always)
  func load<V: Vector>(_ p: UnsafePointer<V.Scalar>) -> V { V.load(p) }

  @inlinable @inline(__always)
  func store<V: Vector>(_ x: V, _ p: UnsafeMutablePointer<V.Scalar>) { x.store(p) }
}

/// The first few lanes; the others are read as zero and not stored.
@usableFromInline
struct FirstLanes: LaneCount {
  @usableFromInline let count: Int

  @inlinable @inline(__always)
  init(count: Int) { self.count = count }

  @inlinable @inline(__always)
  func load<V: Vector>(_ p: UnsafePointer<V.Scalar>) -> V {
    var vector = V.zero
    withUnsafeMutableBytes(of: &vector) { bytes in
      let lanes = bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: V.Scalar.self)
      var i = 0
      while i < count {
        lanes[i] = p[i]
        i &+= 1
      }
    }
    return vector
  }

  @inlinable @inline(__always)
  func store<V: Vector>(_ x: V, _ p: UnsafeMutablePointer<V.Scalar>) {
    withUnsafeBytes(of: x) { bytes in
      let lanes = bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: V.Scalar.self)
      var i = 0
      while i < count {
        p[i] = lanes[i]
        i &+= 1
      }
    }
  }
}

/// A buffer of elements, read and written as vectors.
@usableFromInline
struct Elements<V: Vector> {
  @usableFromInline let p: UnsafeMutablePointer<V.Scalar>

  @inlinable @inline(__always)
  init(_ p: UnsafeMutableRawPointer) { self.p = p.assumingMemoryBound(to: V.Scalar.self) }

  @inlinable @inline(__always)
  init(_ p: UnsafeRawPointer) { self.init(UnsafeMutableRawPointer(mutating: p)) }

  /// The vector that begins at element i.
  @inlinable @inline(__always)
  subscript<Count: LaneCount>(i: Int, n: Count) -> V {
    get { n.load(UnsafePointer(p + i)) }
    nonmutating set { n.store(newValue, p + i) }
  }
}

/// Partial results combined as a balanced tree, so that each passes through log₂(count) combinations, not count: the error of a
/// sum grows with the logarithm of its length.
@frozen
public struct Pairwise<F: Fold, V: Vector, let width: Int> {
  /// Works like a binary counter: level k holds the combination of 2ᵏ partial results where bit k of `count` is set. The last
  /// level accumulates whatever exceeds it: with blocks of a thousand elements, that begins at millions.
  public var levels: InlineArray<12, InlineArray<width, V>>
  public var count: Int

  @inlinable @inline(__always)
  public init(_: F.Type) {
    levels = InlineArray(repeating: InlineArray(repeating: V()))
    count = 0
  }

  @inlinable @inline(__always)
  public mutating func append(_ partial: InlineArray<width, V>) {
    var carried = partial
    var level = 0
    while level < 11 && (count &>> level) & 1 == 1 {
      for j in 0..<width { carried[j] = F.combine(levels[level][j], carried[j]) }
      level &+= 1
    }
    if level == 11 && count >= 1 &<< 11 {
      for j in 0..<width { carried[j] = F.combine(levels[level][j], carried[j]) }
    }
    levels[level] = carried
    count &+= 1
  }

  /// All partial results combined, the smallest levels first.
  @inlinable @inline(__always)
  public var result: InlineArray<width, V> {
    var total = InlineArray<width, V>(repeating: V(repeating: V.Scalar(F.identity)))
    var level = 0
    while level < 12 && (count &>> level) != 0 {
      if (count &>> level) & 1 == 1 || level == 11 {
        for j in 0..<width { total[j] = F.combine(levels[level][j], total[j]) }
      }
      level &+= 1
    }
    return total
  }
}
