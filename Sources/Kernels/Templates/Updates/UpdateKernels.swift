/// Steps of optimizers: a parameter and what is remembered of its gradients change in one pass over memory, in place.
///
/// Nothing is fused into one rounding and each element is computed by itself: the bits are those of every table, however the
/// elements are split. What is remembered becomes 0 where it has decayed below the smallest normal number; there arithmetic would
/// be slow for ever, since a subnormal number times 0.9 rounds to itself.
public struct UpdateKernels: Sendable {
  /// A step of any kind, with its numbers. One function of the table takes them all: the loop stands in the templates once, and
  /// each kind gets its own copy of it.
  public enum Step: Sendable {
    /// p ← p − rate · (g + decay · p).
    case plainDescent(rate: Double, decay: Double)
    /// Remembers a velocity.
    case descent(Descent)
    /// Remembers an average of the parameter.
    case averagedDescent(AveragedDescent)
    /// Remembers m and v.
    case adam(Adam)
    /// As `adam`, but remembers m, v, and the largest v so far, which takes the place of v under the root.
    case adamLargest(Adam)
    /// Remembers m and u.
    case largest(Largest)
    /// Remembers v.
    case scaled(Scaled)
    /// Remembers v and a velocity.
    case scaledMomentum(Scaled)
    /// Remembers v and a mean.
    case centred(Scaled)
    /// Remembers v, a mean and a velocity.
    case centredMomentum(Scaled)
    /// Remembers v and u.
    case delta(Delta)
    /// Remembers m.
    case sign(Sign)
    /// Remembers the last gradient, and a length.
    case resilient(Resilient)

    /// How many arrays of the parameter's shape are remembered.
    public var memoryCount: Int {
      switch self {
      case .plainDescent: 0
      case .descent, .averagedDescent, .scaled, .sign: 1
      case .adam, .largest, .scaledMomentum, .centred, .delta, .resilient: 2
      case .adamLargest, .centredMomentum: 3
      }
    }
  }

  /// A step of n contiguous elements of the parameter p with the gradient g; a, b and c are what is remembered. Those beyond
  /// `memoryCount` are neither read nor written.
  public let update:
    @Sendable (
      _ p: UnsafeMutableRawPointer, _ g: UnsafeRawPointer, _ a: UnsafeMutableRawPointer, _ b: UnsafeMutableRawPointer,
      _ c: UnsafeMutableRawPointer, _ n: Int, _ step: Step
    ) -> Void

  @inlinable @inline(__always)
  public init<V: Vector>(_ vector: V.Type) {
    update = { p, g, a, b, c, n, step in
      switch step {
      case .plainDescent(let rate, let decay):
        updateLoop(PlainDescentRule<V>(rate: rate, decay: decay), p, g, a, b, c, n)
      case .descent(let step): updateLoop(DescentRule<V>(step), p, g, a, b, c, n)
      case .averagedDescent(let step): updateLoop(AveragedDescentRule<V>(step), p, g, a, b, c, n)
      case .adam(let step): updateLoop(AdamRule<V>(step, keepsLargest: false), p, g, a, b, c, n)
      case .adamLargest(let step): updateLoop(AdamRule<V>(step, keepsLargest: true), p, g, a, b, c, n)
      case .largest(let step): updateLoop(LargestRule<V>(step), p, g, a, b, c, n)
      case .scaled(let step): updateLoop(ScaledRule<V>(step, isCentred: false, hasMomentum: false), p, g, a, b, c, n)
      case .scaledMomentum(let step): updateLoop(ScaledRule<V>(step, isCentred: false, hasMomentum: true), p, g, a, b, c, n)
      case .centred(let step): updateLoop(ScaledRule<V>(step, isCentred: true, hasMomentum: false), p, g, a, b, c, n)
      case .centredMomentum(let step): updateLoop(ScaledRule<V>(step, isCentred: true, hasMomentum: true), p, g, a, b, c, n)
      case .delta(let step): updateLoop(DeltaRule<V>(step), p, g, a, b, c, n)
      case .sign(let step): updateLoop(SignRule<V>(step), p, g, a, b, c, n)
      case .resilient(let step): updateLoop(ResilientRule<V>(step), p, g, a, b, c, n)
      }
    }
  }
}
