public import UnrollArrays
public import UnrollAutograd

/// The next number of a sine wave whose phase is not known beforehand.
///
/// Inputs and targets `[batch, steps, 1]`: x[t] = sin(φ + 2πt / period), φ uniform, and the number that follows each. Who says zero has the
/// mean squared error 1/2, who repeats the last number 1 − cos(2π / period); 2 cos(2π / period) x[t] − x[t−1] is right.
///
///     let task = SineTask(steps: 50, period: 20)
///     print(task.persistence)  // 0.048943
public struct SineTask: Sendable, Hashable {
  /// How many numbers a sequence has.
  public let steps: Int
  /// How many steps a wave has.
  public let period: Double

  /// The mean squared error of who always says zero.
  public static let baseline = 0.5

  /// The mean squared error of who repeats the last number.
  public var persistence: Double { 1 - cosine(2 * Double.pi / period) }

  /// Waves of so many steps.
  public init(steps: Int, period: Double = 20) {
    require(steps > 0, "SineTask: a wave of \(steps) numbers is empty")
    require(period >= 2 && period.isFinite, "SineTask: a period of \(period) steps is not a finite number from 2 on")
    self.steps = steps
    self.period = period
  }

  /// So many waves, and what follows each number, `[count, steps, 1]`.
  public func batch(_ count: Int, using generator: inout Generator) -> TaskBatch<Tensor> {
    requireRows("SineTask", count)
    let angle = 2 * Double.pi / period
    let phases = NDArray.uniform([count, 1, 1], in: 0..<2 * Double.pi, .float64, using: &generator)
    let times = NDArray.range(steps + 1, .float64).reshaped([1, steps + 1, 1]) * angle
    let wave = (phases + times).sin().cast(to: .float32)
    return TaskBatch(
      inputs: Tensor(wave[.all, 0..<steps].contiguous()), targets: Tensor(wave[.all, 1..<steps + 1].contiguous()),
      lengths: Array(repeating: steps, count: count))
  }
}
