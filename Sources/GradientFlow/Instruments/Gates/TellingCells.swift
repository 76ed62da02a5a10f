internal import UnrollAutograd
internal import UnrollNetworks

// The library's cells, with functions that tell what they give. Names stand in the order in which the steps call the functions.

extension LSTMCell: TellingCell {
  var toldNames: [String] { gateNames + [activations.outputName("c")] }

  func telling(to log: ToldActivations) -> LSTMCell { with(self) { $0.activations = activations.telling(to: log) } }
}

extension PeepholeLSTMCell: TellingCell {
  var toldNames: [String] { gateNames + [activations.outputName("c")] }

  func telling(to log: ToldActivations) -> PeepholeLSTMCell { with(self) { $0.activations = activations.telling(to: log) } }
}

extension CoupledLSTMCell: TellingCell {
  var toldNames: [String] { gateNames + [activations.outputName("c")] }

  func telling(to log: ToldActivations) -> CoupledLSTMCell { with(self) { $0.activations = activations.telling(to: log) } }
}

extension ProjectedLSTMCell: TellingCell {
  var toldNames: [String] { gateNames + [activations.outputName("c")] }

  func telling(to log: ToldActivations) -> ProjectedLSTMCell { with(self) { $0.activations = activations.telling(to: log) } }
}

extension LayerNormLSTMCell: TellingCell {
  var toldNames: [String] { gateNames + [activations.outputName("LN(c)")] }

  func telling(to log: ToldActivations) -> LayerNormLSTMCell { with(self) { $0.activations = activations.telling(to: log) } }
}

extension GateNormLSTMCell: TellingCell {
  var toldNames: [String] { gateNames + [activations.outputName("c")] }

  func telling(to log: ToldActivations) -> GateNormLSTMCell { with(self) { $0.activations = activations.telling(to: log) } }
}

extension GRUCell: TellingCell {
  var toldNames: [String] { gateNames }

  func telling(to log: ToldActivations) -> GRUCell { with(self) { $0.activations = activations.tellingGates(to: log) } }
}

extension LayerNormGRUCell: TellingCell {
  var toldNames: [String] { gateNames }

  func telling(to log: ToldActivations) -> LayerNormGRUCell {
    with(self) { $0.activations = activations.tellingGates(to: log) }
  }
}

extension MGUCell: TellingCell {
  var toldNames: [String] { gateNames }

  func telling(to log: ToldActivations) -> MGUCell { with(self) { $0.activations = activations.tellingGates(to: log) } }
}

extension RNNCell: TellingCell {
  var toldNames: [String] { gateNames }

  func telling(to log: ToldActivations) -> RNNCell { with(self) { $0.activation = log.telling(activation) } }
}

extension LayerNormRNNCell: TellingCell {
  var toldNames: [String] { gateNames }

  func telling(to log: ToldActivations) -> LayerNormRNNCell { with(self) { $0.activation = log.telling(activation) } }
}

extension IndRNNCell: TellingCell {
  var toldNames: [String] { gateNames }

  func telling(to log: ToldActivations) -> IndRNNCell { with(self) { $0.activation = log.telling(activation) } }
}

private func with<Cell>(_ cell: Cell, _ change: (inout Cell) -> Void) -> Cell {
  var copy = cell
  change(&copy)
  return copy
}

extension GateActivations {
  fileprivate func telling(to log: ToldActivations) -> GateActivations {
    GateActivations(gate: log.telling(gate), candidate: log.telling(candidate), output: log.telling(output))
  }

  /// Where no memory stands behind the output, and nothing squashes it.
  fileprivate func tellingGates(to log: ToldActivations) -> GateActivations {
    GateActivations(gate: log.telling(gate), candidate: log.telling(candidate), output: output)
  }

  /// What the memory is called on its way out.
  fileprivate func outputName(_ memory: String) -> String {
    if case .tanh = output { return "tanh \(memory)" }
    return "output of \(memory)"
  }
}
