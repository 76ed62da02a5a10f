import Unroll

/// What it costs to look at the gradient flow while training.
struct FlowCases {
  /// A training step and a measurement of the same loss by turns, so that both meet the same other load, and how many training steps
  /// a measurement lasts: the per cent that one every hundred updates adds.
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
