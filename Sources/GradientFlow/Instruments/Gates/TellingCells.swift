internal import UnrollNetworks

/// A cell whose activation functions are variables, so that they can be replaced by functions that record their results.
protocol TellingCell: GatedCell {
  /// The names of the results, in the order in which a step calls the functions.
  var toldNames: [String] { get }

  /// The same cell with functions that record their results in the log.
  func telling(to log: ToldActivations) -> Self
}

/// A cell with functions for its gates, its candidate and, if there is one, its memory on the way out.
protocol GateActivatedCell: TellingCell {
  var activations: GateActivations { get set }
  /// The name of the memory whose value the output function takes.
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
    // Without a memory behind the output, there is no output function to record.
    let output = State.self == LSTMState.self ? log.telling(activations.output) : activations.output
    copy.activations = GateActivations(gate: gate, candidate: candidate, output: output)
    return copy
  }
}

/// A cell with one function, applied to the sum of its contributions.
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
