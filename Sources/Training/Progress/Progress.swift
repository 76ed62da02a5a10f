internal import UnrollArrays
internal import UnrollFiles

/// A progress line on standard error. On a terminal one line is updated in place; elsewhere, or if `TERM` is `dumb`, a plain
/// line is printed from time to time.
///
///     var progress = Progress(total: 200)
///     for step in 1...200 { progress.update(step: step, loss: 1 / Double(step), learningRate: 0.1) }
///     progress.finish()
public struct Progress: Sendable {
  /// The output and the clock.
  package struct Surroundings: Sendable {
    package var isTerminal: Bool
    package var columns: Int
    package var seconds: @Sendable () -> Double
    package var write: @Sendable (String) -> Void

    package init(
      isTerminal: Bool, columns: Int, seconds: @escaping @Sendable () -> Double, write: @escaping @Sendable (String) -> Void
    ) {
      (self.isTerminal, self.columns, self.seconds, self.write) = (isTerminal, columns, seconds, write)
    }
  }

  /// The latest numbers.
  public private(set) var reading: ProgressReading
  private let firstStep: Int
  private let smoothing: Double
  private let interval: Double
  private let start: Double
  private var shown = -Double.infinity
  private var isShowing = false
  private let surroundings: Surroundings

  /// Progress towards `total` steps, of which `step` are already done. A line is shown at most every `interval` seconds, by
  /// default 0.1 on a terminal and 10 elsewhere. The smoothed loss is an exponential moving average with the decay rate
  /// `smoothing`.
  public init(total: Int? = nil, from step: Int = 0, interval: Double? = nil, smoothing: Double = 0.98) {
    let surroundings = Surroundings(
      isTerminal: standardErrorShowsEscapes, columns: standardErrorColumns ?? 80, seconds: monotonicSeconds,
      write: writeToStandardError)
    self.init(total: total, from: step, interval: interval, smoothing: smoothing, in: surroundings)
  }

  package init(
    total: Int? = nil, from step: Int = 0, interval: Double? = nil, smoothing: Double = 0.98, in surroundings: Surroundings
  ) {
    requireFraction(smoothing, "a smoothing of", "Progress")
    if let interval { requireNotNegative(interval, "an interval of", "Progress") }
    self.surroundings = surroundings
    self.smoothing = smoothing
    self.interval = interval ?? (surroundings.isTerminal ? 0.1 : 10)
    firstStep = step
    start = surroundings.seconds()
    reading = ProgressReading(step: step, total: total, seconds: 0, stepsInRun: 0)
  }

  /// Records the numbers of a step, and shows them if the interval has passed.
  public mutating func update(step: Int, loss: Double? = nil, gradientNorm: Double? = nil, learningRate: Double? = nil) {
    let now = surroundings.seconds()
    reading.step = step
    (reading.seconds, reading.stepsInRun) = (now - start, step - firstStep)
    (reading.loss, reading.gradientNorm, reading.learningRate) = (loss, gradientNorm, learningRate)
    // A single loss that is not finite would spoil the mean for ever.
    if let loss, loss.isFinite {
      reading.smoothedLoss = reading.smoothedLoss.map { $0 + (1 - smoothing) * (loss - $0) } ?? loss
    }
    if now - shown >= interval { show(at: now) }
  }

  /// Shows the latest numbers and ends the line.
  public mutating func finish() {
    let now = surroundings.seconds()
    reading.seconds = now - start
    show(at: now)
    if surroundings.isTerminal { surroundings.write("\n") }
    isShowing = false
  }

  /// Prints a line of other text without breaking the progress line.
  public mutating func note(_ text: String) {
    surroundings.write((isShowing && surroundings.isTerminal ? "\r\u{1B}[K" : "") + text + "\n")
    if isShowing && surroundings.isTerminal { show(at: shown) }
  }

  private mutating func show(at time: Double) {
    shown = time
    isShowing = true
    // A line longer than the terminal would wrap, and only its last part would be overwritten.
    let line = surroundings.isTerminal ? String(reading.line.prefix(max(1, surroundings.columns - 1))) : reading.line
    surroundings.write(surroundings.isTerminal ? "\r" + line + "\u{1B}[K" : line + "\n")
  }
}

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
