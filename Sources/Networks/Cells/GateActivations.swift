internal import UnrollArrays
internal import UnrollAutograd

/// The functions of a gated cell: σ of its gates, tanh of its candidate and of its memory, unless told otherwise.
///
///     var cell = LSTMCell(3, 4, using: &generator)
///     cell.activations = GateActivations(gate: .hardSigmoid(), candidate: .softsign)
public struct GateActivations: Sendable {
  /// Of the gates.
  public var gate: Activation
  /// Of what the cell might remember.
  public var candidate: Activation
  /// Of the memory on its way out; cells without a memory behind their output have none.
  public var output: Activation

  /// The usual ones, except those that are given.
  public init(gate: Activation = .sigmoid, candidate: Activation = .tanh, output: Activation = .tanh) {
    self.gate = gate
    self.candidate = candidate
    self.output = output
  }

  /// The same with the arguments of gates and candidate kept within ±bound; the memory is not.
  ///
  ///     let bounded = GateActivations().clippingArguments(to: 5)
  public func clippingArguments(to bound: Double) -> GateActivations {
    GateActivations(
      gate: gate.clippingArguments(to: bound), candidate: candidate.clippingArguments(to: bound), output: output)
  }

  func requireNoOutput(_ name: String) {
    var isUsual = false
    if case .tanh = output { isUsual = true }
    require(isUsual, "\(name): an activation of the output belongs to cells with a memory behind their output")
  }
}
