/// y[i] ← f(x[i]) for n elements; y may be x.
///
/// The last vector overlaps the one before it instead of reading past the end. It is loaded first, so that an in-place call
/// never applies the function twice. The function appears in the loop once, because compiling it dominates the build time.
@inlinable @inline(__always)
func unaryLoop<V: Vector, F: ParametricFunction>(
  _: V.Type, _: F.Type, _ x: UnsafePointer<V.Scalar>, _ y: UnsafeMutablePointer<V.Scalar>, _ n: Int, _ a: Double,
  _ b: Double
) {
  if n <= 0 { return }
  let (a, b) = (V.number(a), V.number(b))
  let last = V.load(ending: x, n)
  var i = 0
  while true {
    let ends = i &+ V.scalarCount >= n
    let result = F.apply(ends ? last : V.load(x + i), a, b)
    if ends {
      result.store(ending: y, n)
      return
    }
    result.store(y + i)
    i &+= V.scalarCount
  }
}

extension Vector {
  /// The last vector of n > 0 elements: whole where n is at least its width, else all elements, padded with zeros.
  @inlinable @inline(__always)
  static func load(ending x: UnsafePointer<Scalar>, _ n: Int) -> Self {
    if n >= scalarCount { return load(x + (n &- scalarCount)) }
    var vector = Self.zero
    withUnsafeMutableBytes(of: &vector) { bytes in
      let lanes = bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Scalar.self)
      var i = 0
      while i < n {
        lanes[i] = x[i]
        i &+= 1
      }
    }
    return vector
  }

  /// Stores a vector to the elements that `load(ending:)` reads.
  @inlinable @inline(__always)
  func store(ending y: UnsafeMutablePointer<Scalar>, _ n: Int) {
    if n >= Self.scalarCount {
      store(y + (n &- Self.scalarCount))
      return
    }
    withUnsafeBytes(of: self) { bytes in
      let lanes = bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Scalar.self)
      var i = 0
      while i < n {
        y[i] = lanes[i]
        i &+= 1
      }
    }
  }
}
