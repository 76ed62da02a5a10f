/// The numbers of a progress line, and the line itself.
///
///     let reading = ProgressReading(step: 30, total: 120, seconds: 10, stepsInRun: 20, loss: 0.5)
///     print(reading.line)  // 30/120 25 % · 2/s · loss 0.5 · 45 s left
public struct ProgressReading: Sendable, Equatable {
  /// The number of steps done, and the total, if known.
  public var step: Int, total: Int?
  /// The seconds of this run, and the steps it has done, which excludes those of earlier runs.
  public var seconds: Double, stepsInRun: Int
  /// The latest loss, and the smoothed loss.
  public var loss: Double?, smoothedLoss: Double?
  /// The norm of the latest gradient.
  public var gradientNorm: Double?
  /// The learning rate of the latest step.
  public var learningRate: Double?

  /// A reading with the given numbers.
  public init(
    step: Int, total: Int? = nil, seconds: Double, stepsInRun: Int, loss: Double? = nil, smoothedLoss: Double? = nil,
    gradientNorm: Double? = nil, learningRate: Double? = nil
  ) {
    (self.step, self.total, self.seconds, self.stepsInRun) = (step, total, seconds, stepsInRun)
    (self.loss, self.smoothedLoss) = (loss, smoothedLoss)
    (self.gradientNorm, self.learningRate) = (gradientNorm, learningRate)
  }

  /// Steps per second in this run; nil before its first step.
  public var rate: Double? { seconds > 0 && stepsInRun > 0 ? Double(stepsInRun) / seconds : nil }

  /// The estimated seconds until the last step; nil if unknown.
  public var secondsLeft: Double? {
    guard let rate, let total else { return nil }
    return Double(max(0, total - step)) / rate
  }

  /// All known numbers in one line.
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
