internal import UnrollArrays

extension GradientFlow {
  /// ‖∂L/∂hₜ‖ over t on a logarithmic scale, with a line for each layer, direction and part; norms of 0 are omitted.
  ///
  ///     let gru = GRU(3, 4, using: &generator)
  ///     let flow = GradientFlow(of: gru, on: Tensor.ones([2, 50, 3])) { $0[.all, -1].sum() }
  ///     print(flow.plot(title: "GRU").terminal())
  public func plot(title: String = "Gradient flow") -> Plot {
    Plot(title: title, xLabel: "step t", yLabel: "norm of dL/d state", yScale: .logarithmic) {
      for trace in traces { Series(trace.name, trace.mean) }
    }
  }

  /// The norms of the gradients by parameters and by their gates, on a logarithmic scale, over the index of the parameter.
  public func parameterPlot(title: String = "Gradients by parameters") -> Plot {
    let gates = parameters.flatMap(\.gates).map(\.gate)
    var names: [String] = []
    for gate in gates where !names.contains(gate) { names.append(gate) }
    return Plot(title: title, xLabel: "parameter", yLabel: "norm of the gradient", yScale: .logarithmic) {
      Series("whole", parameters.map(\.norm), style: .points)
      for name in names {
        let points = parameters.enumerated().flatMap { i, parameter in
          parameter.gates.filter { $0.gate == name }.map { (Double(i), $0.norm) }
        }
        Series("gate \(name)", x: points.map(\.0), y: points.map(\.1), style: .points)
      }
    }
  }

  /// The norm of each step's contribution to the gradient by each parameter, on a logarithmic scale; stops if contributions
  /// were not measured.
  public func stepPlot(title: String = "Parts of steps in gradients") -> Plot {
    let divided = parameters.filter { !$0.steps.isEmpty }
    require(!divided.isEmpty, "stepPlot: the steps' contributions were not measured; measure with dividesParameters")
    return Plot(title: title, xLabel: "step t", yLabel: "norm of the step's part", yScale: .logarithmic) {
      for parameter in divided { Series(parameter.name, parameter.steps) }
    }
  }
}
