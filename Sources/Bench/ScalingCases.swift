import UnrollArrays
import UnrollAutograd
import UnrollNetworks

/// The same work on different numbers of threads.
struct ScalingCases {
  static func run(into report: inout Report) {
    let before = Machine.threadCount
    defer { Machine.threadCount = before }
    let counts = report.threads.count > 1 ? report.threads : [1, 2, 4, 8, 16].filter { $0 <= max(2, 2 * before) }
    for setting in RecurrentCases.all {
      let (model, x, target) = RecurrentCases.lstm(setting)
      let step = RecurrentCases.trainingStep(model, x, target) { $0($1).outputs }
      report.add("scaling", setting.name, compared(counts, report.quick, step))
    }
    report.add("scaling", "hand_over", handOver(counts))
    for n in [1024, 2048] {
      let (x, y) = (Tensor(noise([n, n], .float32, seed: 1)), Tensor(noise([n, n], .float32, seed: 2)))
      report.add("scaling", "product_\(n)", compared(counts, report.quick) { _ = x.matmul(y) })
    }
  }

  /// The time of a job of nothing that is shared among so many threads, while they wait for it.
  private static func handOver(_ counts: [Int]) -> Measurement {
    var measurement = Measurement(median: 0, minimum: 0, samples: 1001)
    measurement.figures = counts.map { count in
      let times = (0..<1001).map { _ in
        let start = now()
        parallel(count, unit: 1, threads: count) { _ in }
        return now() - start
      }.sorted()
      return ("us_\(count)", times[500] * 1e6)
    }
    return measurement
  }

  /// The median time on each number of threads. The numbers take turns, since the speed of a shared machine changes within seconds.
  private static func compared(_ counts: [Int], _ isQuick: Bool, _ work: () -> Void) -> Measurement {
    func time(_ repetitions: Int) -> Double {
      let start = now()
      for _ in 0..<repetitions { work() }
      return (now() - start) / Double(repetitions)
    }
    Machine.threadCount = counts[0]
    work()
    let repetitions = isQuick ? 1 : max(1, Int(0.02 / time(1)))
    var times = counts.map { _ in [Double]() }
    for _ in 0..<(isQuick ? 1 : 15) {
      for (index, count) in counts.enumerated() {
        Machine.threadCount = count
        if !isQuick { work() }
        times[index].append(time(repetitions))
      }
    }
    let medians = times.map { $0.sorted()[$0.count / 2] }
    var measurement = Measurement(median: medians[0], minimum: times[0].min() ?? medians[0], samples: times[0].count)
    measurement.figures = zip(counts, medians).map { ("ms_\($0)", $1 * 1e3) }
    return measurement
  }
}
