internal import UnrollArrays
internal import UnrollFiles

/// A line on standard error that shows how far a long work is: on a terminal one line that is written again and again, elsewhere, and
/// where `TERM` is `dumb`, a plain line now and then.
///
///     var progress = Progress(total: 200)
///     for step in 1...200 { progress.update(step: step, loss: 1 / Double(step), learningRate: 0.1) }
///     progress.finish()
public struct Progress: Sendable {
  /// Where the lines go and what time it is.
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

  /// Progress towards so many steps, of which some are done already. A line is shown at most every so many seconds: unless an interval
  /// is given, a tenth on a terminal and ten elsewhere. The smoothed loss keeps the part `smoothing` of itself from step to step.
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

  /// Takes the numbers after a step, and shows them if it is time.
  public mutating func update(step: Int, loss: Double? = nil, gradientNorm: Double? = nil, learningRate: Double? = nil) {
    let now = surroundings.seconds()
    reading.step = step
    (reading.seconds, reading.stepsInRun) = (now - start, step - firstStep)
    (reading.loss, reading.gradientNorm, reading.learningRate) = (loss, gradientNorm, learningRate)
    // One loss that is not finite would stay in the mean for ever.
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

  /// Writes a line of other text without mixing it with the line of progress.
  public mutating func note(_ text: String) {
    surroundings.write((isShowing && surroundings.isTerminal ? "\r\u{1B}[K" : "") + text + "\n")
    if isShowing && surroundings.isTerminal { show(at: shown) }
  }

  private mutating func show(at time: Double) {
    shown = time
    isShowing = true
    // A line that is longer than the terminal would be broken, and only its end written again.
    let line = surroundings.isTerminal ? String(reading.line.prefix(max(1, surroundings.columns - 1))) : reading.line
    surroundings.write(surroundings.isTerminal ? "\r" + line + "\u{1B}[K" : line + "\n")
  }
}
