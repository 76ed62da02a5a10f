internal import UnrollArrays

/// The shape of the transition from one rate to another.
public enum Annealing: Sendable {
  /// Half a cosine wave: start + (end − start) · (1 − cos πx) / 2.
  case cosine
  /// A straight line: start + (end − start) · x.
  case linear

  /// The rate at a fraction x of the transition, from 0 to 1.
  func rate(from start: Double, to end: Double, at x: Double) -> Double {
    switch self {
    case .cosine: end + (start - end) * (1 + UnrollTraining.cosine(.pi * x)) / 2
    case .linear: start + (end - start) * x
    }
  }
}

/// Schedules that move from one rate to another in a number of steps, and then stay there.
extension Schedule {
  /// A straight line from one rate to another.
  ///
  ///     let schedule = Schedule.linear(from: 0.01, to: 0.1, over: 10)
  public static func linear(from start: Double, to end: Double, over steps: Int) -> Schedule {
    way(.linear, start, end, steps, "linear")
  }

  /// Half a cosine wave from one rate to another.
  ///
  ///     let schedule = Schedule.cosine(from: 0.1, to: 0.001, over: 100)
  public static func cosine(from start: Double, to end: Double = 0, over steps: Int) -> Schedule {
    way(.cosine, start, end, steps, "cosine")
  }

  /// end + (start − end) · (1 − step / steps)^power.
  ///
  ///     let schedule = Schedule.polynomial(from: 0.1, over: 100, power: 2)
  public static func polynomial(from start: Double, to end: Double = 0, over steps: Int, power exponent: Double) -> Schedule {
    requireRates([start, end], "polynomial")
    requireSteps(steps, "polynomial")
    requireNotNegative(exponent, "a power of", "polynomial")
    return Schedule { end + (start - end) * power(1 - Double(min($0, steps)) / Double(steps), exponent) }
  }

  /// Half cosine waves with restarts, each `growth` times as long as the one before.
  ///
  ///     let schedule = Schedule.cosineWithRestarts(from: 0.1, to: 0.001, over: 5, growth: 2)
  public static func cosineWithRestarts(
    from start: Double, to end: Double = 0, over steps: Int, growth: Int = 1
  ) -> Schedule {
    requireRates([start, end], "cosineWithRestarts")
    requireSteps(steps, "cosineWithRestarts")
    require(growth >= 1, "cosineWithRestarts: a growth of \(growth) is not at least 1")
    return Schedule { step in
      var (rest, length) = (growth == 1 ? step % steps : step, steps)
      while rest >= length {
        rest -= length
        let (longer, overflows) = length.multipliedReportingOverflow(by: growth)
        length = overflows ? .max : longer
      }
      return Annealing.cosine.rate(from: start, to: end, at: Double(rest) / Double(length))
    }
  }

  private static func way(
    _ annealing: Annealing, _ start: Double, _ end: Double, _ steps: Int, _ operation: String
  ) -> Schedule {
    requireRates([start, end], operation)
    requireSteps(steps, operation)
    return Schedule { annealing.rate(from: start, to: end, at: Double(min($0, steps)) / Double(steps)) }
  }
}

/// Stops if a rate is negative or not finite.
func requireRates(_ rates: [Double], _ operation: String) {
  for rate in rates { requireNotNegative(rate, "the rate", operation) }
}
