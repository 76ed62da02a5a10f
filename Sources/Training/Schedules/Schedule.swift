internal import UnrollArrays

/// A learning rate, or another number, as a function of the step, counted from 0.
///
/// A schedule is a value without state, so that a resumed training just continues with the step at which it stopped. Steps may
/// be updates or epochs.
///
///     let schedule = Schedule.cosine(from: 0.1, to: 0.001, over: 1000).warmedUp(over: 100, from: 0.01)
///     var optimizer = Adam(for: model)
///     for step in 0..<2 { optimizer.learningRate = schedule.rate(at: step) }
public struct Schedule: Sendable {
  private let function: @Sendable (_ step: Int) -> Double

  /// A schedule from a function of the step.
  ///
  ///     let hyperbola = Schedule { 0.1 / (1 + Double($0)) }
  public init(_ function: @escaping @Sendable (_ step: Int) -> Double) { self.function = function }

  /// The rate at a step, which must not be negative.
  ///
  ///     print(Schedule.constant(0.1).rate(at: 7))  // 0.1
  public func rate(at step: Int) -> Double {
    require(step >= 0, "Schedule: a step of \(step) is negative")
    return function(step)
  }
}

/// Schedules made from others.
extension Schedule {
  /// This schedule before the given step, and from there on `next`, counted from its step 0.
  ///
  ///     let schedule = Schedule.constant(0.1).then(.exponential(from: 0.1, factor: 0.9), at: 20)
  public func then(_ next: Schedule, at step: Int) -> Schedule {
    requireSteps(step, "then")
    return Schedule { $0 < step ? rate(at: $0) : next.rate(at: $0 - step) }
  }

  /// A linear warm-up to the first rate of this schedule over `steps` steps, followed by this schedule from its step 0.
  ///
  ///     let schedule = Schedule.polynomial(from: 0.1, over: 100, power: 2).warmedUp(over: 5, from: 0.01)
  public func warmedUp(over steps: Int, from start: Double = 0) -> Schedule {
    Schedule.linear(from: start, to: rate(at: 0), over: steps).then(self, at: steps)
  }

  /// This schedule with every rate multiplied by a factor.
  ///
  ///     let half = Schedule.constant(0.1).scaled(by: 0.5)
  public func scaled(by factor: Double) -> Schedule {
    requireNotNegative(factor, "a factor of", "scaled")
    return Schedule { rate(at: $0) * factor }
  }
}

/// Stops if a number of steps is not positive.
func requireSteps(_ steps: Int, _ operation: String) {
  require(steps > 0, "\(operation): \(steps) steps are not at least 1")
}
