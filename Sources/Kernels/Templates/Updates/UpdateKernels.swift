/// Steps of optimizers: a parameter and what is remembered of its gradients change in one pass over memory, in place.
///
/// Nothing is fused into one rounding and each element is computed by itself: the bits are those of every table, however the
/// elements are split. What is remembered becomes 0 where it has decayed below the smallest normal number; there arithmetic would
/// be slow for ever, since a subnormal number times 0.9 rounds to itself.
public struct UpdateKernels: Sendable {
  /// s = g + decay · p; v ← kept · v + share · s; p ← p − rate · (plain · s + remembered · v).
  public struct Descent: Sendable {
    public var rate, decay, kept, share, plain, remembered: Double

    @inlinable
    public init(rate: Double, decay: Double, kept: Double, share: Double, plain: Double, remembered: Double) {
      self.rate = rate
      self.decay = decay
      self.kept = kept
      self.share = share
      self.plain = plain
      self.remembered = remembered
    }
  }

  /// s = g + decay · p; m ← m + (s − m) · firstShare; v ← v · secondKept + s² · secondShare;
  /// p ← p · shrinkage − rate · m / (√v · rootScale + epsilon).
  public struct Adam: Sendable {
    public var rate, decay, shrinkage, firstShare, secondKept, secondShare, rootScale, epsilon: Double

    @inlinable
    public init(
      rate: Double, decay: Double, shrinkage: Double, firstShare: Double, secondKept: Double, secondShare: Double,
      rootScale: Double, epsilon: Double
    ) {
      self.rate = rate
      self.decay = decay
      self.shrinkage = shrinkage
      self.firstShare = firstShare
      self.secondKept = secondKept
      self.secondShare = secondShare
      self.rootScale = rootScale
      self.epsilon = epsilon
    }
  }

  /// p ← p − rate · (g + decay · p), for n contiguous elements.
  public let plainDescent:
    @Sendable (_ p: UnsafeMutableRawPointer, _ g: UnsafeRawPointer, _ n: Int, _ rate: Double, _ decay: Double) -> Void
  public let descent:
    @Sendable (
      _ p: UnsafeMutableRawPointer, _ g: UnsafeRawPointer, _ v: UnsafeMutableRawPointer, _ n: Int, _ step: Descent
    ) -> Void
  public let adam:
    @Sendable (
      _ p: UnsafeMutableRawPointer, _ g: UnsafeRawPointer, _ m: UnsafeMutableRawPointer, _ v: UnsafeMutableRawPointer,
      _ n: Int, _ step: Adam
    ) -> Void

  @inlinable @inline(__always)
  public init<V: Vector>(_ vector: V.Type) {
    plainDescent = { p, g, n, rate, decay in
      plainDescentLoop(
        V.self, p.assumingMemoryBound(to: V.Scalar.self), g.assumingMemoryBound(to: V.Scalar.self), n, rate, decay)
    }
    descent = { p, g, v, n, step in
      descentLoop(
        V.self, p.assumingMemoryBound(to: V.Scalar.self), g.assumingMemoryBound(to: V.Scalar.self),
        v.assumingMemoryBound(to: V.Scalar.self), n, step)
    }
    adam = { p, g, m, v, n, step in
      adamLoop(
        V.self, p.assumingMemoryBound(to: V.Scalar.self), g.assumingMemoryBound(to: V.Scalar.self),
        m.assumingMemoryBound(to: V.Scalar.self), v.assumingMemoryBound(to: V.Scalar.self), n, step)
    }
  }
}
