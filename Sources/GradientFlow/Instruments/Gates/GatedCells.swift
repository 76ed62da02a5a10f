internal import UnrollArrays
public import UnrollAutograd
public import UnrollNetworks

// Cells with a memory behind their output.

extension LSTMCell: GatedCell, GateActivatedCell {
  public var gateNames: [String] { ["i", "f", "g", "o"] }
}

extension PeepholeLSTMCell: GatedCell, GateActivatedCell {
  public var gateNames: [String] { ["i", "f", "g", "o"] }

  public func gateBlocks(of parameter: String, _ values: Tensor) -> [(gate: String, values: Tensor)] {
    if parameter == "peepholes" { return [("i", values[0]), ("f", values[1]), ("o", values[2])] }
    return lastAxis(of: values, hiddenSize)
  }
}

extension CoupledLSTMCell: GatedCell, GateActivatedCell {
  public var gateNames: [String] { ["i", "g", "o"] }

  public func gateBlocks(of parameter: String, _ values: Tensor) -> [(gate: String, values: Tensor)] {
    parameter == "peepholes" ? [("i", values[0]), ("o", values[1])] : lastAxis(of: values, hiddenSize)
  }
}

extension ProjectedLSTMCell: GatedCell, GateActivatedCell {
  public var gateNames: [String] { ["i", "f", "g", "o"] }

  public func gateBlocks(of parameter: String, _ values: Tensor) -> [(gate: String, values: Tensor)] {
    parameter == "projection" ? [] : lastAxis(of: values, memorySize)
  }
}

extension LayerNormLSTMCell: GatedCell, GateActivatedCell {
  public var gateNames: [String] { ["i", "f", "g", "o"] }
  var memoryName: String { "LN(c)" }
}

extension GateNormLSTMCell: GatedCell, GateActivatedCell {
  public var gateNames: [String] { ["i", "f", "g", "o"] }

  public func gateBlocks(of parameter: String, _ values: Tensor) -> [(gate: String, values: Tensor)] {
    guard parameter == "gateScale" || parameter == "gateShift" else { return lastAxis(of: values, hiddenSize) }
    return Array(zip(gateNames, values.unstacked())).map { (gate: $0, values: $1) }
  }
}

// Cells whose only memory is their output.

extension GRUCell: GatedCell, GateActivatedCell {
  public var gateNames: [String] { ["r", "z", "n"] }

  public func gateBlocks(of parameter: String, _ values: Tensor) -> [(gate: String, values: Tensor)] {
    parameter == "candidateBias" ? [("n", values)] : lastAxis(of: values, hiddenSize)
  }
}

extension LayerNormGRUCell: GatedCell, GateActivatedCell {
  public var gateNames: [String] { ["r", "z", "n"] }

  public func gateBlocks(of parameter: String, _ values: Tensor) -> [(gate: String, values: Tensor)] {
    parameter == "candidateBias" ? [("n", values)] : lastAxis(of: values, hiddenSize)
  }
}

extension MGUCell: GatedCell, GateActivatedCell {
  public var gateNames: [String] { ["f", "n"] }

  public func gateBlocks(of parameter: String, _ values: Tensor) -> [(gate: String, values: Tensor)] {
    parameter == "candidateBias" ? [("n", values)] : lastAxis(of: values, hiddenSize)
  }
}

extension RNNCell: GatedCell, ActivatedCell {
  public var gateNames: [String] { ["h"] }
}

extension LayerNormRNNCell: GatedCell, ActivatedCell {
  public var gateNames: [String] { ["h"] }
}

extension IndRNNCell: GatedCell, ActivatedCell {
  public var gateNames: [String] { ["h"] }
}
