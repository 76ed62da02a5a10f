/// p ← p − rate · (g + decay · p). The last vector overlaps the one before it and is read first, as in `unaryLoop`.
@inlinable @inline(__always)
func plainDescentLoop<V: Vector>(
  _: V.Type, _ p: UnsafeMutablePointer<V.Scalar>, _ g: UnsafePointer<V.Scalar>, _ n: Int, _ rate: Double, _ decay: Double
) {
  if n <= 0 { return }
  let (rate, decay) = (V.number(rate), V.number(decay))
  let (lastP, lastG) = (V.load(ending: p, n), V.load(ending: g, n))
  var i = 0
  while i &+ V.scalarCount < n {
    let (x, slope) = (V.load(p + i), V.load(g + i))
    (x - rate * (slope + decay * x)).store(p + i)
    i &+= V.scalarCount
  }
  (lastP - rate * (lastG + decay * lastP)).store(ending: p, n)
}

/// `UpdateKernels.Descent` for n elements.
@inlinable @inline(__always)
func descentLoop<V: Vector>(
  _: V.Type, _ p: UnsafeMutablePointer<V.Scalar>, _ g: UnsafePointer<V.Scalar>, _ v: UnsafeMutablePointer<V.Scalar>, _ n: Int,
  _ step: UpdateKernels.Descent
) {
  if n <= 0 { return }
  let rule = DescentRule<V>(step)
  var (lastP, lastV) = (V.load(ending: p, n), V.load(ending: v, n))
  let lastG = V.load(ending: g, n)
  var i = 0
  while i &+ V.scalarCount < n {
    var (x, velocity) = (V.load(p + i), V.load(v + i))
    rule.apply(&x, V.load(g + i), &velocity)
    x.store(p + i)
    velocity.store(v + i)
    i &+= V.scalarCount
  }
  rule.apply(&lastP, lastG, &lastV)
  lastP.store(ending: p, n)
  lastV.store(ending: v, n)
}

/// The numbers of a step in every lane.
@usableFromInline
struct DescentRule<V: Vector> {
  @usableFromInline let rate, decay, kept, share, plain, remembered: V

  @inlinable @inline(__always)
  init(_ step: UpdateKernels.Descent) {
    rate = V.number(step.rate)
    decay = V.number(step.decay)
    kept = V.number(step.kept)
    share = V.number(step.share)
    plain = V.number(step.plain)
    remembered = V.number(step.remembered)
  }

  @inlinable @inline(__always)
  func apply(_ p: inout V, _ g: V, _ v: inout V) {
    let slope = g + decay * p
    v = (kept * v + share * slope).flushed
    p = p - rate * (plain * slope + remembered * v)
  }
}

extension Vector {
  /// 0 where the number is subnormal.
  @inlinable @inline(__always)
  var flushed: Self {
    Self.choose(Self.less(magnitude, Self(repeating: Scalar.leastNormalMagnitude)), Self.zero, self)
  }
}
