import Unroll

/// A training step on several ranks, with the batch of one rank on each, and what it is made of. `UNROLL_THREADS=1 mpirun -n 2
/// unroll-bench --case ranks` measures two ranks of one thread.
struct RankCases {
  static func run(into report: inout Report) throws {
    let ranks = try Ranks.joined()
    for setting in [RecurrentCases.small, RecurrentCases.middle, RecurrentCases.large] {
      let measurement = measured(setting, ranks, samples: report.quick ? 1 : 25)
      if ranks.isFirst { report.add("ranks", "\(setting.name)_R\(ranks.count)", measurement) }
    }
  }

  /// All ranks take the same number of samples. Parts and whole take turns, so that they see the same load of the machine.
  @inline(never)  // see RecurrentCases.trainingStep
  private static func measured(_ setting: RecurrentCases.Setting, _ ranks: Ranks, samples: Int) -> Measurement {
    var (model, x, target) = RecurrentCases.lstm(setting)
    var optimizer = Adam(for: model)
    func slope() -> LSTM { gradient(at: model) { meanSquaredError($0(x).outputs, target) } }
    func update(_ slope: LSTM) { optimizer.update(&model, along: slope.clipped(norm: 1)) }
    var (alone, means, numbers, steps) = ([Double](), [Double](), [Double](), [Double]())
    for sample in 0..<samples + 2 {
      var slope0 = model
      let compute = Measurement.once { slope0 = slope() }.median
      _ = ranks.mean(0)  // all begin together
      let number = Measurement.once { _ = ranks.mean(0) }.median
      var mean = slope0
      let exchange = Measurement.once { mean = ranks.mean(slope0) }.median
      let rest = Measurement.once { update(mean) }.median
      _ = ranks.mean(0)
      let step = Measurement.once { update(ranks.mean(slope())) }.median
      if sample < 2 { continue }  // warming up
      alone.append(compute + rest)
      means.append(exchange)
      numbers.append(number)
      steps.append(step)
    }
    func median(_ times: [Double]) -> Double { times.sorted()[times.count / 2] }
    var result = Measurement(median: median(steps), minimum: steps.min() ?? 0, samples: samples)
    result.figures = [
      ("tokens_per_s", Double(ranks.count * setting.batch * setting.time) / result.median), ("alone_ms", median(alone) * 1e3),
      ("mean_ms", median(means) * 1e3), ("latency_us", median(numbers) * 1e6),
      ("mbytes", Double(4 * model.parameterCount) * 1e-6),
      ("predicted_ms", (median(alone) + median(means)) * 1e3),
    ]
    return result
  }
}
