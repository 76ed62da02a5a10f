/// `UpdateKernels.Step.plainDescent`, in every lane.
@usableFromInline
struct PlainDescentRule<V: Vector>: UpdateRule {
  @usableFromInline let rate, decay: V

  @inlinable @inline(__always)
  var memoryCount: Int { 0 }

  @inlinable @inline(__always)
  init(rate: Double, decay: Double) {
    self.rate = V.number(rate)
    self.decay = V.number(decay)
  }

  @inlinable @inline(__always)
  func apply(_ p: inout V, _ g: V, _: inout V, _: inout V, _: inout V) { p = p - rate * (g + decay * p) }
}

/// `UpdateKernels.Descent`, in every lane.
@usableFromInline
struct DescentRule<V: Vector>: UpdateRule {
  @usableFromInline let rate, decay, kept, share, plain, remembered: V

  @inlinable @inline(__always)
  var memoryCount: Int { 1 }

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
  func apply(_ p: inout V, _ g: V, _ v: inout V, _: inout V, _: inout V) {
    let slope = g + decay * p
    v = (kept * v + share * slope).flushed
    p = p - rate * (plain * slope + remembered * v)
  }
}

/// `UpdateKernels.AveragedDescent`, in every lane.
@usableFromInline
struct AveragedDescentRule<V: Vector>: UpdateRule {
  @usableFromInline let rate, decay, shrinkage, share: V

  @inlinable @inline(__always)
  var memoryCount: Int { 1 }

  @inlinable @inline(__always)
  init(_ step: UpdateKernels.AveragedDescent) {
    rate = V.number(step.rate)
    decay = V.number(step.decay)
    shrinkage = V.number(step.shrinkage)
    share = V.number(step.share)
  }

  @inlinable @inline(__always)
  func apply(_ p: inout V, _ g: V, _ average: inout V, _: inout V, _: inout V) {
    p = p * shrinkage - rate * (g + decay * p)
    average = average + (p - average) * share
  }
}
