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

extension Schedule {
  /// One cycle for the whole training: up to a peak, and down again to a much lower end. PyTorch's OneCycleLR.
  ///
  /// The peak is at step `rising` · steps − 1, which need not be an integer, and the end at the last step, steps − 1, after
  /// which the rate is constant. In a `symmetric` cycle the way down to the start takes as many steps as the way up, and the
  /// rest goes on to the end. The default start is peak / 25, and the default end start / 10 000. A momentum that moves
  /// opposite to the rate is also such a cycle, with a peak below its ends.
  ///
  ///     let rates = Schedule.oneCycle(peak: 0.1, over: 1000)
  ///     let momenta = Schedule.oneCycle(from: 0.95, peak: 0.85, to: 0.95, over: 1000)
  public static func oneCycle(
    from start: Double? = nil, peak: Double, to end: Double? = nil, over steps: Int, rising: Double = 0.3,
    annealing: Annealing = .cosine, symmetric: Bool = false
  ) -> Schedule {
    let first = start ?? peak / 25
    let last = end ?? first / 1e4
    requireRates([first, peak, last], "oneCycle")
    let (top, length) = (rising * Double(steps) - 1, Double(steps) - 1)
    require(
      rising < 1 && top > 0 && (symmetric ? 2 * top + 1 : top) < length,
      "oneCycle: a rising part of \(rising) of \(steps) steps does not leave a step for every part of the cycle")
    var corners = [(at: 0, rate: first), (at: top, rate: peak)]
    if symmetric { corners.append((at: 2 * top, rate: first)) }
    corners.append((at: length, rate: last))
    return Schedule { [corners] step in
      let place = min(Double(step), length)
      let i = corners.firstIndex { place <= $0.at && $0.at > 0 } ?? corners.count - 1
      let (before, after) = (corners[i - 1], corners[i])
      return annealing.rate(from: before.rate, to: after.rate, at: (place - before.at) / (after.at - before.at))
    }
  }
}
