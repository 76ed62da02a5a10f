extension Vector {
  /// The first n ≤ scalarCount elements; the other lanes are zero.
  @inlinable @inline(__always)
  static func load(_ x: UnsafePointer<Scalar>, first n: Int) -> Self {
    if n == scalarCount { return load(x) }
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

  /// Stores the first n ≤ scalarCount lanes.
  @inlinable @inline(__always)
  func store(_ y: UnsafeMutablePointer<Scalar>, first n: Int) {
    if n == Self.scalarCount { return store(y) }
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
