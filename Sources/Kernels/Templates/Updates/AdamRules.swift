/// `UpdateKernels.Adam`, in every lane; with the largest second moment so far in the place of the second moment, or without.
@usableFromInline
struct AdamRule<V: Vector>: UpdateRule {
  @usableFromInline let rate, slopeRate, decay, shrinkage, firstShare, secondKept, secondShare, rootScale, epsilon: V
  @usableFromInline let keepsLargest: Bool

  @inlinable @inline(__always)
  var memoryCount: Int { keepsLargest ? 3 : 2 }

  @inlinable @inline(__always)
  init(_ step: UpdateKernels.Adam, keepsLargest: Bool) {
    rate = V.number(step.rate)
    slopeRate = V.number(step.slopeRate)
    decay = V.number(step.decay)
    shrinkage = V.number(step.shrinkage)
    firstShare = V.number(step.firstShare)
    secondKept = V.number(step.secondKept)
    secondShare = V.number(step.secondShare)
    rootScale = V.number(step.rootScale)
    epsilon = V.number(step.epsilon)
    self.keepsLargest = keepsLargest
  }

  @inlinable @inline(__always)
  func apply(_ p: inout V, _ g: V, _ m: inout V, _ v: inout V, _ largest: inout V) {
    let slope = g + decay * p
    m = (m + (slope - m) * firstShare).flushed
    v = (v * secondKept + slope * slope * secondShare).flushed
    var square = v
    if keepsLargest {
      largest = Maximum.apply(largest, v)
      square = largest
    }
    p = p * shrinkage - (rate * m + slopeRate * slope) / (square.squareRoot() * rootScale + epsilon)
  }
}

/// `UpdateKernels.Largest`, in every lane.
@usableFromInline
struct LargestRule<V: Vector>: UpdateRule {
  @usableFromInline let rate, decay, firstShare, kept, epsilon: V

  @inlinable @inline(__always)
  var memoryCount: Int { 2 }

  @inlinable @inline(__always)
  init(_ step: UpdateKernels.Largest) {
    rate = V.number(step.rate)
    decay = V.number(step.decay)
    firstShare = V.number(step.firstShare)
    kept = V.number(step.kept)
    epsilon = V.number(step.epsilon)
  }

  @inlinable @inline(__always)
  func apply(_ p: inout V, _ g: V, _ m: inout V, _ largest: inout V, _: inout V) {
    let slope = g + decay * p
    m = (m + (slope - m) * firstShare).flushed
    largest = Maximum.apply(kept * largest, slope.magnitude + epsilon).flushed
    p = p - rate * m / largest
  }
}
