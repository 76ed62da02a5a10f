internal import UnrollArrays

/// Schedules that are constant, or multiply the rate by a factor repeatedly.
extension Schedule {
  /// The same rate at every step.
  ///
  ///     let schedule = Schedule.constant(0.01).then(.constant(0.1), at: 5)
  public static func constant(_ rate: Double) -> Schedule {
    requireNotNegative(rate, "the rate", "constant")
    return Schedule { _ in rate }
  }

  /// rate · factor^⌊step / steps⌋: the rate is multiplied by the factor every `steps` steps.
  ///
  ///     let schedule = Schedule.step(from: 0.1, factor: 0.5, every: 10)
  public static func step(from rate: Double, factor: Double, every steps: Int) -> Schedule {
    requireNotNegative(rate, "the rate", "step")
    requireNotNegative(factor, "a factor of", "step")
    requireSteps(steps, "step")
    return Schedule { rate * power(factor, $0 / steps) }
  }

  /// The rate is multiplied by the factor at each of the given steps.
  ///
  ///     let schedule = Schedule.multiStep(from: 0.1, factor: 0.3, at: [5, 12, 30])
  public static func multiStep(from rate: Double, factor: Double, at steps: [Int]) -> Schedule {
    requireNotNegative(rate, "the rate", "multiStep")
    requireNotNegative(factor, "a factor of", "multiStep")
    for step in steps { requireSteps(step, "multiStep") }
    return Schedule { step in rate * power(factor, steps.count { $0 <= step }) }
  }

  /// rate · factor^step.
  ///
  ///     let schedule = Schedule.exponential(from: 0.1, factor: 0.95)
  public static func exponential(from rate: Double, factor: Double) -> Schedule {
    requireNotNegative(rate, "the rate", "exponential")
    requireNotNegative(factor, "a factor of", "exponential")
    return Schedule { rate * power(factor, $0) }
  }
}
