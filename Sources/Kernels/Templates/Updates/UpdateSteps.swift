/// The numbers of a step of each kind; s is always g + decay · p.
extension UpdateKernels {
  /// v ← kept · v + share · s; p ← p − rate · (plain · s + remembered · v).
  public struct Descent: Sendable {
    public var rate, decay, kept, share, plain, remembered: Double

    public init(rate: Double, decay: Double, kept: Double, share: Double, plain: Double, remembered: Double) {
      self.rate = rate
      self.decay = decay
      self.kept = kept
      self.share = share
      self.plain = plain
      self.remembered = remembered
    }
  }

  /// p ← p · shrinkage − rate · s; average ← average + (p − average) · share.
  public struct AveragedDescent: Sendable {
    public var rate, decay, shrinkage, share: Double

    public init(rate: Double, decay: Double, shrinkage: Double, share: Double) {
      self.rate = rate
      self.decay = decay
      self.shrinkage = shrinkage
      self.share = share
    }
  }

  /// m ← m + (s − m) · firstShare; v ← v · secondKept + s² · secondShare;
  /// p ← p · shrinkage − (rate · m + slopeRate · s) / (√v · rootScale + epsilon).
  public struct Adam: Sendable {
    public var rate, slopeRate, decay, shrinkage, firstShare, secondKept, secondShare, rootScale, epsilon: Double

    public init(
      rate: Double, slopeRate: Double = 0, decay: Double, shrinkage: Double, firstShare: Double, secondKept: Double,
      secondShare: Double, rootScale: Double, epsilon: Double
    ) {
      self.rate = rate
      self.slopeRate = slopeRate
      self.decay = decay
      self.shrinkage = shrinkage
      self.firstShare = firstShare
      self.secondKept = secondKept
      self.secondShare = secondShare
      self.rootScale = rootScale
      self.epsilon = epsilon
    }
  }

  /// m ← m + (s − m) · firstShare; u ← max(kept · u, |s| + epsilon); p ← p − rate · m / u.
  public struct Largest: Sendable {
    public var rate, decay, firstShare, kept, epsilon: Double

    public init(rate: Double, decay: Double, firstShare: Double, kept: Double, epsilon: Double) {
      self.rate = rate
      self.decay = decay
      self.firstShare = firstShare
      self.kept = kept
      self.epsilon = epsilon
    }
  }

  /// v ← kept · v + share · s²; mean ← mean + (s − mean) · share; d = s / (√(v − mean²) + epsilon);
  /// velocity ← momentum · velocity + d; p ← p − rate · velocity. Without a mean 0 stands for it, without a velocity d.
  public struct Scaled: Sendable {
    public var rate, decay, kept, share, epsilon, momentum: Double

    public init(rate: Double, decay: Double, kept: Double, share: Double, epsilon: Double, momentum: Double) {
      self.rate = rate
      self.decay = decay
      self.kept = kept
      self.share = share
      self.epsilon = epsilon
      self.momentum = momentum
    }
  }

  /// v ← kept · v + share · s²; d = √(u + epsilon) / √(v + epsilon) · s; u ← kept · u + share · d²; p ← p − rate · d.
  public struct Delta: Sendable {
    public var rate, decay, kept, share, epsilon: Double

    public init(rate: Double, decay: Double, kept: Double, share: Double, epsilon: Double) {
      self.rate = rate
      self.decay = decay
      self.kept = kept
      self.share = share
      self.epsilon = epsilon
    }
  }

  /// p ← p · shrinkage − rate · sign(m + (g − m) · lookShare); m ← m + (g − m) · share.
  public struct Sign: Sendable {
    public var rate, shrinkage, lookShare, share: Double

    public init(rate: Double, shrinkage: Double, lookShare: Double, share: Double) {
      self.rate = rate
      self.shrinkage = shrinkage
      self.lookShare = lookShare
      self.share = share
    }
  }

  /// The length becomes length · factor + added, from shortest to longest: the factor is growing where g has the sign it had,
  /// shrinking where it has the other one, else 1. Where it has the other one, g counts as 0. p ← p − length · sign g.
  public struct Resilient: Sendable {
    public var added, shrinking, growing, shortest, longest: Double

    public init(added: Double, shrinking: Double, growing: Double, shortest: Double, longest: Double) {
      self.added = added
      self.shrinking = shrinking
      self.growing = growing
      self.shortest = shortest
      self.longest = longest
    }
  }
}
