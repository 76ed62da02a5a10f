internal import UnrollArrays
public import UnrollAutograd
public import UnrollNetworks

/// How strongly a loss depends on what a recurrent network remembered at each step: ‖∂L/∂hₜ‖ and ‖∂L/∂cₜ‖ over t.
///
/// **What is differentiated.** A step reads the state before it and computes the parts of the next state: h, c and whatever else a cell
/// has. The derivative by such a part is the total derivative of the loss by that node of the computation: every path from it to the
/// loss counts, through the output at t, through all later steps, and through parts of the same state that are computed *from* it;
/// the other parts are constants otherwise. Thus for an LSTM ∂L/∂cₜ includes the way through hₜ = o tanh(cₜ), while ∂L/∂hₜ holds cₜ
/// and does not see the conveyor belt. It is not the derivative by the output at t alone, in which later steps do not occur. In a
/// stack, the derivative by a lower layer's state also counts its way through the layers above.
///
/// **What a norm is.** The 2-norm of each row's derivative; `mean`, `least` and `greatest` are over the rows of the batch. A loss that
/// is a mean over rows divides every row's derivative by their number. Subnormal numbers are counted as they are.
///
/// **What it costs.** Where every cell is fused, as all of the library's are and most of your own (`Recurrent.ways` says so), the norms
/// are taken down on the way back of one gradient, checkpoints included. Other cells run step by step, which takes several times as long;
/// so does everything where `dividesParameters` is asked for, and once more where a number is not finite and the first has to be found:
/// then the loss is computed twice. Dropout does not act. See `FlowMonitor` for use during training.
///
///     let lstm = LSTM(3, 4, using: &generator)
///     let flow = GradientFlow(of: lstm, on: Tensor.ones([2, 50, 3])) { outputs in outputs[.all, -1].sum() }
///     print(flow.traces[0].mean)  // ‖∂L/∂h‖ before the first step, after it, ... after the last
///     print(flow.plot().terminal())
public struct GradientFlow: Sendable {
  /// The loss.
  public let loss: Double
  /// The norms over time: for each layer, each direction, and each part of its state.
  public let traces: [FlowTrace]
  /// The norms of the gradients by the network's parameters, in the order of `visit`.
  public let parameters: [ParameterFlow]
  /// The first number that was not finite, if there was one.
  public let firstNonFinite: NonFiniteNumber?

  /// The flow of a loss of a network's outputs, which have the shape that the network gives them.
  ///
  /// - Parameters:
  ///   - x: `[batch, time, inputs]`, or as the network takes it.
  ///   - dividesParameters: whether the part that each step has in the gradient by each parameter is measured too. Then inputs are
  ///     projected step by step, and a gradient of every parameter is held for every step.
  public init<Cell: RecurrentCell>(
    of network: Recurrent<Cell>, on x: Tensor, from state: Recurrent<Cell>.State? = nil, lengths: [Int]? = nil,
    dividesParameters: Bool = false, loss: (_ outputs: Tensor) throws -> Tensor
  ) rethrows {
    self = try FlowMeasurement(network, x, state, lengths, dividesParameters).flow(of: loss)
  }

  /// The flow through a single cell that is repeated over `[batch, time, inputs]`; its parameters are named `forward.0.…`.
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

  /// The norms of one part of one state; stops where there is none.
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

/// The norms of a loss's derivatives by one part of a state, over time.
public struct FlowTrace: Hashable, Sendable {
  /// The layer, counted from the input.
  public let layer: Int
  /// Whether this is the second direction of a bidirectional network.
  public let isBackward: Bool
  /// The part of the state: `hidden`, `cell`, or as the state of a cell of your own calls it.
  public let part: String
  /// The mean over rows, `[steps + 1]`: by the state before the first step, after the first, and so on, as this direction meets them.
  /// Rows whose sequence has ended are left out; NaN where all have.
  public let mean: [Double]
  /// The least over rows, `[steps + 1]`.
  public let least: [Double]
  /// The greatest over rows, `[steps + 1]`.
  public let greatest: [Double]

  /// What a legend calls it.
  public var name: String { "layer \(layer)\(isBackward ? " backward" : "") \(part)" }

  /// By what factor the mean norm changes for each step that the gradient travels backward: (n₀ / n_T)^(1/T). Below 1 it vanishes,
  /// above 1 it explodes; NaN where either end is not finite or the last is 0.
  public var factorPerStep: Double {
    guard let first = mean.first, let last = mean.last, last > 0, first.isFinite, last.isFinite else { return .nan }
    if first == 0 { return 0 }
    // Logarithms apart: a quotient of extreme norms overflows.
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
  /// The norms of the gates' parts of it, where the cell has gates.
  public let gates: [GateNorm]
  /// The norms of the parts that steps have in it, `[steps]` as the cell meets them: the gradient is the sum of these parts. Empty where
  /// they were not asked for, or the parameter belongs to no cell.
  public let steps: [Double]

  /// The norm of a gate's part of a gradient.
  public struct GateNorm: Hashable, Sendable {
    /// The gate's name.
    public let gate: String
    /// The norm.
    public let norm: Double
  }
}
