internal import UnrollArrays
public import UnrollNetworks

/// A rate that falls when a loss no longer improves: a value that is told the loss of each check.
///
/// Unlike a `Schedule` it depends on how the training goes, so it has a state. After more than `patience` checks in a row without
/// improvement the rate is multiplied by `factor`, but not below `minimum`; then `cooldown` checks do not count.
///
///     var plateau = Plateau(rate: 0.1, factor: 0.5, patience: 3)
///     for loss in [3.0, 2, 2, 2, 2, 2] { plateau.update(loss) }
///     print(plateau.rate)  // 0.05
public struct Plateau: Sendable {
  /// What an improvement is.
  public enum Goal: Sendable {
    /// A number below the best one so far, as of a loss.
    case minimum
    /// A number above the best one so far, as of an accuracy.
    case maximum
  }

  /// By how much a number has to be better than the best one so far.
  public enum Threshold: Sendable {
    /// By a part of the magnitude of the best one.
    case relative(Double)
    /// By a number.
    case absolute(Double)
  }

  /// The rate now.
  public private(set) var rate: Double
  /// What the rate is multiplied by.
  public let factor: Double
  /// How many checks without improvement are borne.
  public let patience: Int
  /// By how much a number has to be better.
  public let threshold: Threshold
  /// How many checks do not count after the rate has fallen.
  public let cooldown: Int
  /// The least rate.
  public let minimum: Double
  /// What an improvement is.
  public let goal: Goal
  /// The best number so far; nil before the first check.
  public private(set) var best: Double?
  private var badChecks = 0
  private var restOfCooldown = 0

  /// A rate that has not fallen yet.
  public init(
    rate: Double, factor: Double = 0.1, patience: Int = 10, threshold: Threshold = .relative(1e-4), cooldown: Int = 0,
    minimum: Double = 0, goal: Goal = .minimum
  ) {
    requireRates([rate, minimum], "Plateau")
    require(factor >= 0 && factor < 1, "Plateau: a factor of \(factor) is not from 0 to below 1")
    require(patience >= 0 && cooldown >= 0, "Plateau: \(patience) and \(cooldown) checks are not at least 0")
    switch threshold {
    case .relative(let part), .absolute(let part): requireNotNegative(part, "a threshold of", "Plateau")
    }
    self.rate = rate
    self.factor = factor
    self.patience = patience
    self.threshold = threshold
    self.cooldown = cooldown
    self.minimum = minimum
    self.goal = goal
  }

  /// Takes the loss, or whatever else is watched, of a check; NaN is no improvement.
  public mutating func update(_ loss: Double) {
    if improves(loss) {
      best = loss
      badChecks = 0
    } else {
      badChecks += 1
    }
    if restOfCooldown > 0 {
      restOfCooldown -= 1
      badChecks = 0
    }
    if badChecks > patience {
      let lower = max(rate * factor, minimum)
      // As PyTorch does: steps that make no difference are not taken.
      if rate - lower > 1e-8 { rate = lower }
      restOfCooldown = cooldown
      badChecks = 0
    }
  }

  private func improves(_ loss: Double) -> Bool {
    guard let best else { return !loss.isNaN }
    let margin =
      switch threshold {
      case .relative(let part): part * best.magnitude
      case .absolute(let part): part
      }
    return goal == .minimum ? loss < best - margin : loss > best + margin
  }
}

extension Plateau: Storable {
  /// Puts the rate, the best number and the counts into the record.
  public func store(in record: inout Record) {
    record.store(rate, as: "rate")
    record.store(best, as: "best")
    record.store(badChecks, as: "badChecks")
    record.store(restOfCooldown, as: "restOfCooldown")
  }

  /// The same rule with the rate, the best number and the counts of the record.
  public func restored(from record: Record) throws(LoadingError) -> Plateau {
    var copy = self
    copy.rate = try record.value("rate")
    if !(copy.rate >= 0 && copy.rate.isFinite) { throw record.unfit("\(copy.rate) is not a number of at least 0", "rate") }
    copy.best = try record.value("best")
    if copy.best?.isNaN ?? false { throw record.unfit("nan is no best number", "best") }
    copy.badChecks = try record.count("badChecks")
    copy.restOfCooldown = try record.count("restOfCooldown")
    return copy
  }
}
