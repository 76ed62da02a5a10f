/// `UpdateKernels.Scaled`, in every lane; centred or not, with momentum or without.
@usableFromInline
struct ScaledRule<V: Vector>: UpdateRule {
  @usableFromInline let rate, decay, kept, share, epsilon, momentum: V
  @usableFromInline let isCentred, hasMomentum: Bool

  @inlinable @inline(__always)
  var memoryCount: Int { 1 &+ (isCentred ? 1 : 0) &+ (hasMomentum ? 1 : 0) }

  @inlinable @inline(__always)
  init(_ step: UpdateKernels.Scaled, isCentred: Bool, hasMomentum: Bool) {
    rate = V.number(step.rate)
    decay = V.number(step.decay)
    kept = V.number(step.kept)
    share = V.number(step.share)
    epsilon = V.number(step.epsilon)
    momentum = V.number(step.momentum)
    self.isCentred = isCentred
    self.hasMomentum = hasMomentum
  }

  @inlinable @inline(__always)
  func apply(_ p: inout V, _ g: V, _ square: inout V, _ b: inout V, _ c: inout V) {
    let slope = g + decay * p
    square = (kept * square + share * (slope * slope)).flushed
    var variance = square
    if isCentred {
      b = (b + (slope - b) * share).flushed
      // Rounding may leave a variance just below zero.
      variance = V.higher(V.zero, square - b * b)
    }
    var direction = slope / (variance.squareRoot() + epsilon)
    if hasMomentum {
      direction = (momentum * (isCentred ? c : b) + direction).flushed
      if isCentred { c = direction } else { b = direction }
    }
    p = p - rate * direction
  }
}

/// `UpdateKernels.Delta`, in every lane.
@usableFromInline
struct DeltaRule<V: Vector>: UpdateRule {
  @usableFromInline let rate, decay, kept, share, epsilon: V

  @inlinable @inline(__always)
  var memoryCount: Int { 2 }

  @inlinable @inline(__always)
  init(_ step: UpdateKernels.Delta) {
    rate = V.number(step.rate)
    decay = V.number(step.decay)
    kept = V.number(step.kept)
    share = V.number(step.share)
    epsilon = V.number(step.epsilon)
  }

  @inlinable @inline(__always)
  func apply(_ p: inout V, _ g: V, _ square: inout V, _ change: inout V, _: inout V) {
    let slope = g + decay * p
    square = (kept * square + share * (slope * slope)).flushed
    let direction = (change + epsilon).squareRoot() / (square + epsilon).squareRoot() * slope
    change = (kept * change + share * (direction * direction)).flushed
    p = p - rate * direction
  }
}
