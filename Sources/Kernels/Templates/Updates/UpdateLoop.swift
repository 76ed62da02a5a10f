/// How one element of a parameter, and up to three numbers remembered of its gradients, change along the gradient.
@usableFromInline
protocol UpdateRule {
  associatedtype V: Vector

  /// How many of the three numbers there are: a constant wherever a rule is inlined.
  var memoryCount: Int { get }

  func apply(_ p: inout V, _ g: V, _ a: inout V, _ b: inout V, _ c: inout V)
}

/// Applies a rule to n elements of a parameter and of what is remembered. The last vector overlaps the one before it and is read
/// first, as in `unaryLoop`.
@inlinable @inline(__always)
func updateLoop<R: UpdateRule>(
  _ rule: R, _ p: UnsafeMutableRawPointer, _ g: UnsafeRawPointer, _ a: UnsafeMutableRawPointer, _ b: UnsafeMutableRawPointer,
  _ c: UnsafeMutableRawPointer, _ n: Int
) {
  typealias V = R.V
  if n <= 0 { return }
  let p = p.assumingMemoryBound(to: V.Scalar.self)
  let g = g.assumingMemoryBound(to: V.Scalar.self)
  let (a, b) = (a.assumingMemoryBound(to: V.Scalar.self), b.assumingMemoryBound(to: V.Scalar.self))
  let c = c.assumingMemoryBound(to: V.Scalar.self)
  let (usesA, usesB, usesC) = (rule.memoryCount > 0, rule.memoryCount > 1, rule.memoryCount > 2)
  var (lastA, lastB, lastC) = (V.zero, V.zero, V.zero)
  if usesA { lastA = V.load(ending: a, n) }
  if usesB { lastB = V.load(ending: b, n) }
  if usesC { lastC = V.load(ending: c, n) }
  var lastP = V.load(ending: p, n)
  let lastG = V.load(ending: g, n)
  var i = 0
  while i &+ V.scalarCount < n {
    var x = V.load(p + i)
    var (first, second, third) = (V.zero, V.zero, V.zero)
    if usesA { first = V.load(a + i) }
    if usesB { second = V.load(b + i) }
    if usesC { third = V.load(c + i) }
    rule.apply(&x, V.load(g + i), &first, &second, &third)
    x.store(p + i)
    if usesA { first.store(a + i) }
    if usesB { second.store(b + i) }
    if usesC { third.store(c + i) }
    i &+= V.scalarCount
  }
  rule.apply(&lastP, lastG, &lastA, &lastB, &lastC)
  lastP.store(ending: p, n)
  if usesA { lastA.store(ending: a, n) }
  if usesB { lastB.store(ending: b, n) }
  if usesC { lastC.store(ending: c, n) }
}

extension Vector {
  /// 0 where the number is subnormal.
  @inlinable @inline(__always)
  var flushed: Self {
    Self.choose(Self.less(magnitude, Self(repeating: Scalar.leastNormalMagnitude)), Self.zero, self)
  }

  /// 1 where the number is positive, −1 where it is negative, itself where it is 0 or NaN.
  @inlinable @inline(__always)
  var signum: Self {
    let one = Self.number(1)
    return Self.choose(Self.less(Self.zero, self), one, Self.choose(Self.less(self, Self.zero), Self.zero - one, self))
  }
}
