internal import UnrollArrays
public import UnrollAutograd
public import UnrollNetworks

/// How strongly a loss depends on the state of a recurrent network at each step: ‖∂L/∂hₜ‖ and ‖∂L/∂cₜ‖ over t.
///
/// **What is differentiated.** A step reads the previous state and computes the parts of the next one: h, c and whatever else a
/// cell has. The derivative by such a part is the total derivative of the loss by that node of the computation. It includes
/// every path from the node to the loss: through the output at t, through all later steps, and through parts of the same state
/// that are computed *from* the node; the other parts are held constant. For an LSTM, ∂L/∂cₜ therefore includes the path
/// through hₜ = o tanh(cₜ), while ∂L/∂hₜ holds cₜ constant and does not include the path along the memory. It is not the
/// derivative by the output at t alone, which excludes later steps. In a stack, the derivative by a lower layer's state also
/// includes the paths through the layers above.
///
/// **What a norm is.** The 2-norm of each row's derivative; `mean`, `least` and `greatest` are over the rows of the batch. If
/// the loss is a mean over rows, every row's derivative is divided by their number. Subnormal numbers count unchanged.
///
/// **What it costs.** If every cell is fused, as all of the library's cells and most custom ones are (`Recurrent.ways` reports
/// it), one gradient computation also records the norms, with checkpoints if the network uses them. Other cells run step by
/// step, which takes several times as long. So does a measurement with `dividesParameters`; and if a number is not finite, the
/// computation is repeated step by step to locate the first one, so that the loss is computed twice. Dropout is not applied.
/// See `FlowMonitor` for use during training.
///
///     let lstm = LSTM(3, 4, using: &generator)
///     let flow = GradientFlow(of: lstm, on: Tensor.ones([2, 50, 3])) { outputs in outputs[.all, -1].sum() }
///     print(flow.traces[0].mean)  // ‖∂L/∂h‖ before the first step, after the first step, ... after the last step
///     print(flow.plot().terminal())
public struct GradientFlow: Sendable {
  /// The loss.
  public let loss: Double
  /// The norms over time, for each layer, each direction and each part of the state.
  public let traces: [FlowTrace]
  /// The norms of the gradients by the network's parameters, in the order of `visit`.
  public let parameters: [ParameterFlow]
  /// The first number that was not finite, if there was one.
  public let firstNonFinite: NonFiniteNumber?

  /// The gradient flow of a loss, which is a function of the network's outputs in their usual shape.
  ///
  /// - Parameters:
  ///   - x: `[batch, time, inputs]`, or another layout that the network accepts.
  ///   - dividesParameters: whether to measure each step's contribution to the gradient by each parameter too. Inputs are then
  ///     projected step by step, and a gradient of every parameter is held for every step.
  public init<Cell: RecurrentCell>(
    of network: Recurrent<Cell>, on x: Tensor, from state: Recurrent<Cell>.State? = nil, lengths: [Int]? = nil,
    dividesParameters: Bool = false, loss: (_ outputs: Tensor) throws -> Tensor
  ) rethrows {
    self = try FlowMeasurement(network, x, state, lengths, dividesParameters).flow(of: loss)
  }

  /// The flow through a single cell repeated over `[batch, time, inputs]`; its parameters are named `forward.0.…`.
  public init<Cell: RecurrentCell>(
    of cell: Cell, on x: Tensor, from state: Cell.State? = nil, dividesParameters: Bool = false,
    loss: (_ outputs: Tensor) throws -> Tensor
  ) rethrows {
    try self.init(
      of: Recurrent(forward: [cell]), on: x, from: state.map { RecurrentStates(cells: [$0]) },
      dividesParameters: dividesParameters, loss: loss)
  }

  init(loss: Double, traces: [FlowTrace], parameters: [ParameterFlow], firstNonFinite: NonFiniteNumber?) {
    self.loss = loss
    self.traces = traces
    self.parameters = parameters
    self.firstNonFinite = firstNonFinite
  }

  /// The norms of one part of one state; stops if there is no such part.
  ///
  ///     let lstm = LSTM(3, 4, layers: 2, using: &generator)
  ///     let flow = GradientFlow(of: lstm, on: Tensor.ones([2, 50, 3])) { $0.sum() }
  ///     let memory = flow.trace("cell", layer: 1)
  public func trace(_ part: String = "hidden", layer: Int = 0, backward: Bool = false) -> FlowTrace {
    for trace in traces where trace.part == part && trace.layer == layer && trace.isBackward == backward { return trace }
    let names = traces.map(\.name).joined(separator: ", ")
    stop("GradientFlow: there is no \(part) of layer \(layer)\(backward ? " backward" : ""); there are \(names)")
  }
}

/// The norms over time of a loss's derivatives by one part of a state.
public struct FlowTrace: Hashable, Sendable {
  /// The layer, counted from the input.
  public let layer: Int
  /// Whether this is the second direction of a bidirectional network.
  public let isBackward: Bool
  /// The part of the state: `hidden`, `cell`, or the name of a property of a custom state.
  public let part: String
  /// The mean over rows, `[steps + 1]`: for the state before the first step, after the first step, and so on, in the order in
  /// which this direction runs. Rows whose sequence has ended are excluded; NaN if all have.
  public let mean: [Double]
  /// The smallest norm over rows, `[steps + 1]`.
  public let least: [Double]
  /// The largest norm over rows, `[steps + 1]`.
  public let greatest: [Double]

  /// The name in a legend.
  public var name: String { "layer \(layer)\(isBackward ? " backward" : "") \(part)" }

  /// The mean factor by which the norm changes for each step backward in time: (n₀ / n_T)^(1/T). Below 1 the gradient vanishes,
  /// above 1 it explodes; NaN if either end is not finite or the last norm is 0.
  public var factorPerStep: Double {
    guard let first = mean.first, let last = mean.last, last > 0, first.isFinite, last.isFinite else { return .nan }
    if first == 0 { return 0 }
    // Logarithms are subtracted, because a quotient of extreme norms could overflow.
    let difference = logarithms([first, last])
    return exponential((difference[0] - difference[1]) / Double(mean.count - 1))
  }
}

/// The norm of a loss's gradient by one parameter.
public struct ParameterFlow: Hashable, Sendable {
  /// The parameter's name in the network.
  public let name: String
  /// The norm of its gradient.
  public let norm: Double
  /// The norms of the gates' blocks of the gradient, if the cell has gates.
  public let gates: [GateNorm]
  /// The norms of the steps' contributions, `[steps]` in the order in which the cell runs: the gradient is the sum of the
  /// contributions. Empty if they were not measured, or if the parameter does not belong to a cell.
  public let steps: [Double]

  /// The norm of a gate's block of a gradient.
  public struct GateNorm: Hashable, Sendable {
    /// The gate's name.
    public let gate: String
    /// The norm.
    public let norm: Double
  }
}

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
