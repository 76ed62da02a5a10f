/// `UpdateKernels.Sign`, in every lane.
@usableFromInline
struct SignRule<V: Vector>: UpdateRule {
  @usableFromInline let rate, shrinkage, lookShare, share: V

  @inlinable @inline(__always)
  var memoryCount: Int { 1 }

  @inlinable @inline(__always)
  init(_ step: UpdateKernels.Sign) {
    rate = V.number(step.rate)
    shrinkage = V.number(step.shrinkage)
    lookShare = V.number(step.lookShare)
    share = V.number(step.share)
  }

  @inlinable @inline(__always)
  func apply(_ p: inout V, _ g: V, _ m: inout V, _: inout V, _: inout V) {
    p = p * shrinkage - rate * (m + (g - m) * lookShare).signum
    m = (m + (g - m) * share).flushed
  }
}

/// `UpdateKernels.Resilient`, in every lane.
@usableFromInline
struct ResilientRule<V: Vector>: UpdateRule {
  @usableFromInline let added, shrinking, growing, shortest, longest: V

  @inlinable @inline(__always)
  var memoryCount: Int { 2 }

  @inlinable @inline(__always)
  init(_ step: UpdateKernels.Resilient) {
    added = V.number(step.added)
    shrinking = V.number(step.shrinking)
    growing = V.number(step.growing)
    shortest = V.number(step.shortest)
    longest = V.number(step.longest)
  }

  @inlinable @inline(__always)
  func apply(_ p: inout V, _ g: V, _ previous: inout V, _ length: inout V, _: inout V) {
    // Of the signs, since the product of two small gradients would vanish.
    let agreement = g.signum * previous.signum
    let turns = V.less(agreement, V.zero)
    let factor = V.choose(turns, shrinking, V.choose(V.less(V.zero, agreement), growing, V.number(1)))
    length = Clip.apply(length * factor + added, shortest, longest)
    previous = V.choose(turns, V.zero, g)
    p = p - length * previous.signum
  }
}
