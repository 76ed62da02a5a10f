internal import UnrollNetworks

/// A cell whose functions are variables, and can be exchanged for such as tell what they give.
protocol TellingCell: GatedCell {
  /// The names of what its functions give, in the order in which a step calls them.
  var toldNames: [String] { get }

  /// The same cell, whose functions write down what they give.
  func telling(to log: ToldActivations) -> Self
}

/// A cell with functions of its gates, of its candidate, and of a memory on its way out, if there is one.
protocol GateActivatedCell: TellingCell {
  var activations: GateActivations { get set }
  /// What the memory is called on its way out.
  var memoryName: String { get }
}

extension GateActivatedCell {
  var memoryName: String { "c" }

  var toldNames: [String] {
    if case .tanh = activations.output { return gateNames + ["tanh \(memoryName)"] }
    return gateNames + ["output of \(memoryName)"]
  }

  func telling(to log: ToldActivations) -> Self {
    var copy = self
    let (gate, candidate) = (log.telling(activations.gate), log.telling(activations.candidate))
    // Where no memory stands behind the output, nothing squashes it.
    let output = State.self == LSTMState.self ? log.telling(activations.output) : activations.output
    copy.activations = GateActivations(gate: gate, candidate: candidate, output: output)
    return copy
  }
}

/// A cell with one function, of the sum of its contributions.
protocol ActivatedCell: TellingCell {
  var activation: Activation { get set }
}

extension ActivatedCell {
  var toldNames: [String] { gateNames }

  func telling(to log: ToldActivations) -> Self {
    var copy = self
    copy.activation = log.telling(activation)
    return copy
  }
}
