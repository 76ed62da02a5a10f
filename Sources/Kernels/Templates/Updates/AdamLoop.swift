/// `UpdateKernels.Adam` for n elements. The last vector overlaps the one before it and is read first, as in `unaryLoop`.
@inlinable @inline(__always)
func adamLoop<V: Vector>(
  _: V.Type, _ p: UnsafeMutablePointer<V.Scalar>, _ g: UnsafePointer<V.Scalar>, _ m: UnsafeMutablePointer<V.Scalar>,
  _ v: UnsafeMutablePointer<V.Scalar>, _ n: Int, _ step: UpdateKernels.Adam
) {
  if n <= 0 { return }
  let rule = AdamRule<V>(step)
  var (lastP, lastM, lastV) = (V.load(ending: p, n), V.load(ending: m, n), V.load(ending: v, n))
  let lastG = V.load(ending: g, n)
  var i = 0
  while i &+ V.scalarCount < n {
    var (x, first, second) = (V.load(p + i), V.load(m + i), V.load(v + i))
    rule.apply(&x, V.load(g + i), &first, &second)
    x.store(p + i)
    first.store(m + i)
    second.store(v + i)
    i &+= V.scalarCount
  }
  rule.apply(&lastP, lastG, &lastM, &lastV)
  lastP.store(ending: p, n)
  lastM.store(ending: m, n)
  lastV.store(ending: v, n)
}

/// The numbers of a step in every lane.
@usableFromInline
struct AdamRule<V: Vector> {
  @usableFromInline let rate, decay, shrinkage, firstShare, secondKept, secondShare, rootScale, epsilon: V

  @inlinable @inline(__always)
  init(_ step: UpdateKernels.Adam) {
    rate = V.number(step.rate)
    decay = V.number(step.decay)
    shrinkage = V.number(step.shrinkage)
    firstShare = V.number(step.firstShare)
    secondKept = V.number(step.secondKept)
    secondShare = V.number(step.secondShare)
    rootScale = V.number(step.rootScale)
    epsilon = V.number(step.epsilon)
  }

  @inlinable @inline(__always)
  func apply(_ p: inout V, _ g: V, _ m: inout V, _ v: inout V) {
    let slope = g + decay * p
    m = (m + (slope - m) * firstShare).flushed
    v = (v * secondKept + slope * slope * secondShare).flushed
    p = p * shrinkage - rate * m / (v.squareRoot() * rootScale + epsilon)
  }
}
