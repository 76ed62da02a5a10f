/// How far a long work is: the numbers of a progress line, and the line that they make.
///
///     let reading = ProgressReading(step: 30, total: 120, seconds: 10, stepsInRun: 20, loss: 0.5)
///     print(reading.line)  // 30/120 25 % · 2/s · loss 0.5 · 45 s left
public struct ProgressReading: Sendable, Equatable {
  /// How many steps are done, and how many there are in all, if that is known.
  public var step: Int, total: Int?
  /// How long this run has worked, and how many of the steps it has done: others may have been done before it.
  public var seconds: Double, stepsInRun: Int
  /// The latest loss, and the mean of the latest losses.
  public var loss: Double?, smoothedLoss: Double?
  /// The norm of the latest gradient.
  public var gradientNorm: Double?
  /// The learning rate of the latest step.
  public var learningRate: Double?

  /// A reading of the given numbers.
  public init(
    step: Int, total: Int? = nil, seconds: Double, stepsInRun: Int, loss: Double? = nil, smoothedLoss: Double? = nil,
    gradientNorm: Double? = nil, learningRate: Double? = nil
  ) {
    (self.step, self.total, self.seconds, self.stepsInRun) = (step, total, seconds, stepsInRun)
    (self.loss, self.smoothedLoss) = (loss, smoothedLoss)
    (self.gradientNorm, self.learningRate) = (gradientNorm, learningRate)
  }

  /// Steps per second of this run; nil before its first.
  public var rate: Double? { seconds > 0 && stepsInRun > 0 ? Double(stepsInRun) / seconds : nil }

  /// How long the rest takes at this rate, in seconds, where that can be known.
  public var secondsLeft: Double? {
    guard let rate, let total else { return nil }
    return Double(max(0, total - step)) / rate
  }

  /// The numbers that there are, in one line.
  public var line: String {
    var parts = [total.map { "\(step)/\($0) \($0 > 0 ? step * 100 / $0 : 100) %" } ?? "\(step)"]
    if let rate { parts.append(rate >= 1 ? "\(numberText(rate, digits: 3))/s" : "\(numberText(1 / rate, digits: 3)) s each") }
    if let loss {
      parts.append("loss \(numberText(loss))" + (smoothedLoss.map { " (\(numberText($0)))" } ?? ""))
    }
    if let gradientNorm { parts.append("gradient \(numberText(gradientNorm, digits: 3))") }
    if let learningRate { parts.append("rate \(numberText(learningRate, digits: 3))") }
    if let secondsLeft { parts.append("\(durationText(secondsLeft)) left") }
    return parts.joined(separator: " · ")
  }
}
