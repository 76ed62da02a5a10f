internal import UnrollArrays
public import UnrollFiles

/// Measures the gradient flow of every n-th update of a training run, and keeps the measurements.
///
/// A measurement runs the network forward and backward once more. If it takes as long as c updates, measuring every n updates
/// makes the run about 1 + c / n times as long; other updates cost one comparison. If the cells are fused (see
/// `Recurrent.ways`), a measurement is one gradient as in training, whose backward also records the norms: c was measured as
/// 1.1 for 128 features, 32 rows and 100 steps, and as 1.3 for 64, 16 and 50, so that measuring every 100 updates adds little
/// more than 1 % of the time. Other cells run step by step: for an LSTM run that way, c was measured as 6 at 256 features and
/// 32 rows, 9 at 128 and 32, 22 at 64 and 16, and 39 at 32 and a single row. `unroll-bench --case flow` measures c.
///
///     var monitor = FlowMonitor(every: 100)
///     let lstm = LSTM(3, 4, using: &generator)
///     for _ in 0..<200 {
///       // ... one update of the model, and then:
///       monitor.update { GradientFlow(of: lstm, on: Tensor.ones([2, 20, 3])) { $0.square().mean() } }
///     }
///     print(monitor.csv)
public struct FlowMonitor: Sendable {
  /// One measurement.
  public struct Sample: Sendable {
    /// The number of updates before the measurement.
    public let update: Int
    /// The measured flow.
    public let flow: GradientFlow
  }

  /// The number of updates between measurements; the first update is measured.
  let interval: Int
  /// The number of updates so far.
  public private(set) var updateCount = 0
  /// All measurements.
  public private(set) var samples: [Sample] = []

  /// A monitor that measures at updates 0, n, 2n and so on.
  public init(every interval: Int) {
    require(interval > 0, "FlowMonitor: an interval of \(interval) updates is not positive")
    self.interval = interval
  }

  /// Counts an update. If a measurement is due, calls the closure and keeps its result.
  @discardableResult public mutating func update(_ measure: () throws -> GradientFlow) rethrows -> GradientFlow? {
    defer { updateCount += 1 }
    guard updateCount % interval == 0 else { return nil }
    let flow = try measure()
    samples.append(Sample(update: updateCount, flow: flow))
    return flow
  }

  /// All norms as a table, with one line for each measurement, trace and step. Lines of parameters and gates leave the step
  /// columns empty.
  public var csv: String {
    var lines = ["update,loss,quantity,step,mean,least,greatest"]
    for sample in samples {
      let start = "\(sample.update),\(sample.flow.loss)"
      for trace in sample.flow.traces {
        for t in trace.mean.indices {
          lines.append("\(start),\(trace.name),\(t),\(trace.mean[t]),\(trace.least[t]),\(trace.greatest[t])")
        }
      }
      for parameter in sample.flow.parameters {
        lines.append("\(start),\(parameter.name),,\(parameter.norm),,")
        for gate in parameter.gates { lines.append("\(start),\(parameter.name) \(gate.gate),,\(gate.norm),,") }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Writes the table to a file atomically: the path holds either the old contents or the complete new ones.
  public func write(to path: String) throws(ArrayFileError) { try replaceFile(path, text: csv) }
}

extension FlowMonitor {
  /// The norms of one part of one state as a heat map over measurements (x) and steps (y), on a logarithmic scale.
  public func plot(_ part: String = "hidden", layer: Int = 0, backward: Bool = false, title: String = "Gradient flow") -> Plot {
    requireSamples("plot")
    let columns = samples.map { $0.flow.trace(part, layer: layer, backward: backward).mean }
    let steps = columns.map(\.count).max() ?? 0
    let values = (0..<steps).map { t in columns.map { t < $0.count ? $0[t] : .nan } }
    let half = Double(interval) / 2
    let (first, last) = (Double(samples.first?.update ?? 0), Double(samples.last?.update ?? 0))
    return Plot(title: title, xLabel: "update", yLabel: "step t") {
      HeatMap(
        values, x: (first - half)...(last + half), y: -0.5...(Double(steps) - 0.5), label: "norm of dL/d \(part)",
        scale: .logarithmic)
    }
  }

  /// The norms of the gradients by parameters over updates, on a logarithmic scale.
  public func parameterPlot(title: String = "Gradients by parameters") -> Plot {
    requireSamples("parameterPlot")
    let names = samples.first?.flow.parameters.map(\.name) ?? []
    return Plot(title: title, xLabel: "update", yLabel: "norm of the gradient", yScale: .logarithmic) {
      for (i, name) in names.enumerated() {
        let found = samples.filter { $0.flow.parameters.indices.contains(i) }
        Series(name, x: found.map { Double($0.update) }, y: found.map { $0.flow.parameters[i].norm })
      }
    }
  }

  private func requireSamples(_ plot: String) { require(!samples.isEmpty, "\(plot): nothing has been measured yet") }
}
