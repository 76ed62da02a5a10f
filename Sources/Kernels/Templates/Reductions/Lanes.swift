/// Copies fewer elements than a vector has lanes, in pieces of 8, 4, 2 and 1.
@inlinable @inline(__always)
func copyLanes<S: KernelScalar>(_ x: UnsafePointer<S>, _ y: UnsafeMutablePointer<S>, _ count: Int) {
  var i = 0
  if count & 8 != 0 {
    SIMD8<S>.load(x).store(y)
    i = 8
  }
  if count & 4 != 0 {
    SIMD4<S>.load(x + i).store(y + i)
    i &+= 4
  }
  if count & 2 != 0 {
    SIMD2<S>.load(x + i).store(y + i)
    i &+= 2
  }
  if count & 1 != 0 { y[i] = x[i] }
}

/// The first `count` lanes from memory, the others from another vector.
@inlinable @inline(__always)
func partialLoad<V: Vector>(_ x: UnsafePointer<V.Scalar>, _ count: Int, _ others: V) -> V {
  var result = others
  withUnsafeMutableBytes(of: &result) { lanes in
    copyLanes(x, lanes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: V.Scalar.self), count)
  }
  return result
}

/// The first `count` lanes from memory, the others zero.
@inlinable @inline(__always)
func partialLoad<V: Vector>(_: V.Type, _ x: UnsafePointer<V.Scalar>, _ count: Int) -> V { partialLoad(x, count, V()) }

/// Writes the first `count` lanes.
@inlinable @inline(__always)
func partialStore<V: Vector>(_ vector: V, _ y: UnsafeMutablePointer<V.Scalar>, _ count: Int) {
  withUnsafeBytes(of: vector) { lanes in
    copyLanes(lanes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: V.Scalar.self), y, count)
  }
}

/// The first `count` lanes of one vector, the others of another.
@inlinable @inline(__always)
func keepingLanes<V: Vector>(_ vector: V, _ count: Int, _ others: V) -> V {
  withUnsafeBytes(of: vector) { lanes in
    partialLoad(lanes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: V.Scalar.self), count, others)
  }
}

/// All lanes combined, half with half. After specialisation one branch remains.
@inlinable @inline(__always)
func foldLanes<F: Fold, V: Vector>(_: F.Type, _ vector: V) -> V.Scalar {
  if V.scalarCount == 16 { return foldSixteen(F.self, vector.cast(SIMD16<V.Scalar>.self)) }
  if V.scalarCount == 8 { return foldEight(F.self, vector.cast(SIMD8<V.Scalar>.self)) }
  if V.scalarCount == 4 { return foldFour(F.self, vector.cast(SIMD4<V.Scalar>.self)) }
  return F.combine(scalars: vector[0], vector[1])
}

@inlinable @inline(__always)
func foldSixteen<F: Fold, S: KernelScalar>(_: F.Type, _ v: SIMD16<S>) -> S {
  foldEight(F.self, F.combine(v.lowHalf, v.highHalf))
}

@inlinable @inline(__always)
func foldEight<F: Fold, S: KernelScalar>(_: F.Type, _ v: SIMD8<S>) -> S {
  foldFour(F.self, F.combine(v.lowHalf, v.highHalf))
}

@inlinable @inline(__always)
func foldFour<F: Fold, S: KernelScalar>(_: F.Type, _ v: SIMD4<S>) -> S {
  F.combine(scalars: F.combine(scalars: v[0], v[2]), F.combine(scalars: v[1], v[3]))
}
