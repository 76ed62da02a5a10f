internal import UnrollArrays
internal import UnrollAutograd

/// The activation functions of a gated cell: by default σ for the gates, tanh for the candidate and for the memory on its way
/// out.
///
///     var cell = LSTMCell(3, 4, using: &generator)
///     cell.activations = GateActivations(gate: .hardSigmoid(), candidate: .softsign)
public struct GateActivations: Sendable {
  /// The function of the gates.
  public var gate: Activation
  /// The function of the candidate.
  public var candidate: Activation
  /// The function that the output applies to the memory; only for cells with a memory.
  public var output: Activation

  /// The default functions, except where others are given.
  public init(gate: Activation = .sigmoid, candidate: Activation = .tanh, output: Activation = .tanh) {
    self.gate = gate
    self.candidate = candidate
    self.output = output
  }

  /// The same functions with the arguments of gates and candidate clipped to ±`bound`. The argument of `output` is not clipped.
  ///
  ///     let bounded = GateActivations().clippingArguments(to: 5)
  public func clippingArguments(to bound: Double) -> GateActivations {
    GateActivations(
      gate: gate.clippingArguments(to: bound), candidate: candidate.clippingArguments(to: bound), output: output)
  }

  func requireNoOutput(_ name: String) {
    var isUsual = false
    if case .tanh = output { isUsual = true }
    require(isUsual, "\(name): only cells with a memory have an output activation")
  }
}
