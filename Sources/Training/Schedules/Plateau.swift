internal import UnrollArrays
public import UnrollNetworks

/// A rate that falls when a loss stops improving: a value that is updated with the loss of each check.
///
/// Unlike a `Schedule` it depends on the course of the training, so that it has state. After more than `patience` consecutive
/// checks without improvement the rate is multiplied by `factor`, but not below `minimum`; the next `cooldown` checks are then
/// ignored.
///
///     var plateau = Plateau(rate: 0.1, factor: 0.5, patience: 3)
///     for loss in [3.0, 2, 2, 2, 2, 2] { plateau.update(loss) }
///     print(plateau.rate)  // 0.05
public struct Plateau: Sendable {
  /// The direction of improvement.
  public enum Goal: Sendable {
    /// Lower is better, as for a loss.
    case minimum
    /// Higher is better, as for an accuracy.
    case maximum
  }

  /// The amount by which a number must be better than the best one so far.
  public enum Threshold: Sendable {
    /// A fraction of the magnitude of the best number.
    case relative(Double)
    /// A fixed amount.
    case absolute(Double)
  }

  /// The current rate.
  public private(set) var rate: Double
  /// The factor by which the rate is multiplied.
  let factor: Double
  /// The number of consecutive checks without improvement that are tolerated.
  let patience: Int
  /// The amount by which a number must improve.
  let threshold: Threshold
  /// The number of checks to ignore after a reduction.
  let cooldown: Int
  /// The lowest rate.
  let minimum: Double
  /// The direction of improvement.
  let goal: Goal
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
    require(factor >= 0 && factor < 1, "Plateau: a factor of \(factor) is not in 0..<1")
    require(patience >= 0 && cooldown >= 0, "Plateau: \(patience) and \(cooldown) checks must not be negative")
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

  /// Records the loss of a check, or whatever else is watched; NaN is not an improvement.
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
      // As in PyTorch, negligible reductions are skipped.
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
  /// Stores the rate, the best number and the counts in the record.
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
    if !(copy.rate >= 0 && copy.rate.isFinite) { throw record.unfit("\(copy.rate) is negative or not finite", "rate") }
    copy.best = try record.value("best")
    if copy.best?.isNaN ?? false { throw record.unfit("the best number is nan", "best") }
    copy.badChecks = try record.count("badChecks")
    copy.restOfCooldown = try record.count("restOfCooldown")
    return copy
  }
}
