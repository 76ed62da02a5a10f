public import UnrollArrays
public import UnrollFiles

/// Measures the gradient flow of every n-th update of a training run, and keeps what it found.
///
/// A measurement runs the network once more forward and backward. Where it takes as long as c updates, a run with a measurement every n
/// updates takes about 1 + c / n times as long; in between, an update costs a comparison. Where cells are fused (see `Recurrent.ways`),
/// the measurement is one gradient as in training, with the norms taken down on the way back, and nothing of it is computed in updates
/// that are not measured: c was measured as 1.1 for 128 features, 32 rows and 100 steps, and 1.3 for 64, 16 and 50, so that a measurement
/// every 100 updates adds little more than 1 % of the time. Other cells go step by step: for an LSTM run that way c was measured as 6 at
/// 256 features and 32 rows, 9 at 128 and 32, 22 at 64 and 16, and 39 at 32 and a single row.
/// `unroll-bench --case flow` measures c.
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
    /// How many updates came before.
    public let update: Int
    /// What was measured.
    public let flow: GradientFlow
  }

  /// How many updates there are from one measurement to the next; the first update is measured.
  public let interval: Int
  /// How many updates there were.
  public private(set) var updateCount = 0
  /// All measurements.
  public private(set) var samples: [Sample] = []

  /// A monitor that measures at updates 0, n, 2n and so on.
  public init(every interval: Int) {
    require(interval > 0, "FlowMonitor: every \(interval) updates is never")
    self.interval = interval
  }

  /// Counts an update; calls the closure and keeps what it measures when its turn has come.
  @discardableResult public mutating func update(_ measure: () throws -> GradientFlow) rethrows -> GradientFlow? {
    defer { updateCount += 1 }
    guard updateCount % interval == 0 else { return nil }
    let flow = try measure()
    samples.append(Sample(update: updateCount, flow: flow))
    return flow
  }

  /// All norms as a table: a line for each measurement, trace and step; for each parameter and gate, the columns of steps are empty.
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

  /// Writes the table to a file; its path shows the old contents or all of the new.
  public func write(to path: String) throws(ArrayFileError) { try replaceFile(path, text: csv) }
}

extension FlowMonitor {
  /// Norms over steps (up) and measurements (across) of one part of one state, by colour on a logarithmic scale.
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

  /// The norms of gradients by parameters over updates, on a logarithmic scale.
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
