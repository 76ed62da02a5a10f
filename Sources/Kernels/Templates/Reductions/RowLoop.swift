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
