import Unroll

/// The cost of measuring the gradient flow in training.
struct FlowCases {
  /// Alternates training steps and measurements of the same loss, so that both see the same load of the machine. The ratio of
  /// their times is the percentage that one measurement every hundred updates adds.
  static func run(into report: inout Report) {
    for setting in [RecurrentCases.small, RecurrentCases.middle] {
      let (model, x, target) = RecurrentCases.lstm(setting)
      var (updates, measurements) = ([Double](), [Double]())
      let step = RecurrentCases.trainingStep(model, x, target) { $0($1).outputs }
      for _ in 0..<31 {
        updates.append(Measurement.once(step).median)
        measurements.append(
          Measurement.once { _ = GradientFlow(of: model, on: x) { meanSquaredError($0, target) } }.median)
      }
      let (update, measurement) = (updates.sorted()[15], measurements.sorted()[15])
      var result = Measurement(median: measurement, minimum: measurements.min() ?? 0, samples: measurements.count)
      result.figures = [("updates", measurement / update)]
      report.add("flow", setting.name, result)
    }
  }
}
