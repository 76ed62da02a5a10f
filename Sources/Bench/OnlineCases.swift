import Unroll
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTraining

/// Learning without going back: a step of each learner beside a step of truncated backpropagation, and memory over many steps.
struct OnlineCases {
  private static let window = 32

  static func run(into report: inout Report) {
    for hidden in [32, 128] {
      var generator = Generator(seed: 1)
      let cell = LSTMCell(32, hidden, using: &generator)
      let x = Tensor(noise([window, 1, 32], .float32, seed: 2))
      let truncated = windows(cell, x, report)
      report.add("online", "\(hidden) truncated, windows of \(window)", truncated)
      for influence in Influence.allCases {
        step("\(hidden) \(influence)", RealTimeLearner(of: cell, influence), cell, x, truncated.median, into: &report)
      }
      step("\(hidden) UORO", UORO(of: cell, using: &generator), cell, x, truncated.median, into: &report)
      let apart = IndRNNCell(32, hidden, activation: .tanh, using: &generator)
      step("\(hidden) IndRNN rtrl", RealTimeLearner(of: apart), apart, x, windows(apart, x, report).median, into: &report)
    }
  }

  /// A step of a window's gradient.
  private static func windows<Cell: RecurrentCell>(_ cell: Cell, _ x: Tensor, _ report: Report) -> Measurement {
    let network = Recurrent(forward: [cell], isTimeFirst: true)
    var measurement = report.measure(budget: 1) { _ = gradient(at: network) { $0(x).outputs.square().sum() } }
    measurement.median /= Double(window)
    measurement.minimum /= Double(window)
    return measurement
  }

  private static func step<Learner: OnlineLearner>(
    _ name: String, _ start: Learner, _ model: Learner.Model, _ x: Tensor, _ truncated: Double, into report: inout Report
  ) {
    let before = MemoryPool.figures.bytesInUse
    var (learner, t) = (start, 0)
    func observe() {
      _ = learner.observe(x[t % window], at: model) { $0.square().sum() }
      t += 1
    }
    observe()
    let carried = MemoryPool.figures.bytesInUse - before
    var measurement = report.measure(budget: 1, observe)
    measurement.figures = [("truncated", measurement.median / truncated), ("kilobytes", Double(carried) / 1024)]
    report.add("online", name, measurement)
  }

  /// Bytes of arrays in use, and at most in use, after a thousand steps and after a hundred thousand.
  static func memory(into report: inout Report) {
    var generator = Generator(seed: 1)
    let cell = LSTMCell(4, 8, using: &generator)
    for influence in Influence.allCases {
      memory("\(influence)", RealTimeLearner(of: cell, influence), cell, into: &report)
    }
    memory("UORO", UORO(of: cell, using: &generator), cell, into: &report)
  }

  private static func memory<Learner: OnlineLearner>(
    _ name: String, _ start: Learner, _ model: Learner.Model, into report: inout Report
  ) {
    let x = Tensor(noise([128, 1, 4], .float32, seed: 2))
    let counts = report.quick ? [10, 100] : [1000, 100_000]
    var (learner, done) = (start, 0)
    var figures: [(name: String, value: Double)] = []
    let begin = now()
    MemoryPool.resetPeak()
    for count in counts {
      while done < count {
        _ = learner.observe(x[done % 128], at: model) { $0.square().sum() }
        done += 1
      }
      figures += [
        ("in_use_\(count)", Double(MemoryPool.figures.bytesInUse)),
        ("peak_\(count)", Double(MemoryPool.figures.peakBytesInUse)),
      ]
    }
    let seconds = (now() - begin) / Double(done)
    report.add("online_memory", name, Measurement(median: seconds, minimum: seconds, samples: 1, figures: figures))
  }
}
