internal import UnrollArrays
public import UnrollAutograd
public import UnrollNetworks

// Cells with a memory behind their output.

extension LSTMCell: GatedCell {
  public var gateNames: [String] { ["i", "f", "g", "o"] }

  public func activations(_ projected: Tensor, _ recurred: Tensor, _ state: LSTMState) -> [GateActivation] {
    told(projected, recurred, state)
  }
}

extension PeepholeLSTMCell: GatedCell {
  public var gateNames: [String] { ["i", "f", "g", "o"] }

  public func activations(_ projected: Tensor, _ recurred: Tensor, _ state: LSTMState) -> [GateActivation] {
    told(projected, recurred, state)
  }

  public func gateBlocks(of parameter: String, _ values: Tensor) -> [(gate: String, values: Tensor)] {
    if parameter == "peepholes" { return [("i", values[0]), ("f", values[1]), ("o", values[2])] }
    return lastAxis(of: values, hiddenSize)
  }
}

extension CoupledLSTMCell: GatedCell {
  public var gateNames: [String] { ["i", "g", "o"] }

  public func activations(_ projected: Tensor, _ recurred: Tensor, _ state: LSTMState) -> [GateActivation] {
    told(projected, recurred, state)
  }

  public func gateBlocks(of parameter: String, _ values: Tensor) -> [(gate: String, values: Tensor)] {
    parameter == "peepholes" ? [("i", values[0]), ("o", values[1])] : lastAxis(of: values, hiddenSize)
  }
}

extension ProjectedLSTMCell: GatedCell {
  public var gateNames: [String] { ["i", "f", "g", "o"] }

  public func activations(_ projected: Tensor, _ recurred: Tensor, _ state: LSTMState) -> [GateActivation] {
    told(projected, recurred, state)
  }

  public func gateBlocks(of parameter: String, _ values: Tensor) -> [(gate: String, values: Tensor)] {
    parameter == "projection" ? [] : lastAxis(of: values, memorySize)
  }
}

extension LayerNormLSTMCell: GatedCell {
  public var gateNames: [String] { ["i", "f", "g", "o"] }

  public func activations(_ projected: Tensor, _ recurred: Tensor, _ state: LSTMState) -> [GateActivation] {
    told(projected, recurred, state)
  }
}

extension GateNormLSTMCell: GatedCell {
  public var gateNames: [String] { ["i", "f", "g", "o"] }

  public func activations(_ projected: Tensor, _ recurred: Tensor, _ state: LSTMState) -> [GateActivation] {
    told(projected, recurred, state)
  }

  public func gateBlocks(of parameter: String, _ values: Tensor) -> [(gate: String, values: Tensor)] {
    guard parameter == "gateScale" || parameter == "gateShift" else { return lastAxis(of: values, hiddenSize) }
    return Array(zip(gateNames, values.unstacked())).map { (gate: $0, values: $1) }
  }
}

// Cells whose output is all they remember.

extension GRUCell: GatedCell {
  public var gateNames: [String] { ["r", "z", "n"] }

  public func activations(_ projected: Tensor, _ recurred: Tensor, _ state: HiddenState) -> [GateActivation] {
    told(projected, recurred, state)
  }

  public func gateBlocks(of parameter: String, _ values: Tensor) -> [(gate: String, values: Tensor)] {
    parameter == "candidateBias" ? [("n", values)] : lastAxis(of: values, hiddenSize)
  }
}

extension LayerNormGRUCell: GatedCell {
  public var gateNames: [String] { ["r", "z", "n"] }

  public func activations(_ projected: Tensor, _ recurred: Tensor, _ state: HiddenState) -> [GateActivation] {
    told(projected, recurred, state)
  }

  public func gateBlocks(of parameter: String, _ values: Tensor) -> [(gate: String, values: Tensor)] {
    parameter == "candidateBias" ? [("n", values)] : lastAxis(of: values, hiddenSize)
  }
}

extension MGUCell: GatedCell {
  public var gateNames: [String] { ["f", "n"] }

  public func activations(_ projected: Tensor, _ recurred: Tensor, _ state: HiddenState) -> [GateActivation] {
    told(projected, recurred, state)
  }

  public func gateBlocks(of parameter: String, _ values: Tensor) -> [(gate: String, values: Tensor)] {
    parameter == "candidateBias" ? [("n", values)] : lastAxis(of: values, hiddenSize)
  }
}

extension RNNCell: GatedCell {
  public var gateNames: [String] { ["h"] }

  public func activations(_ projected: Tensor, _ recurred: Tensor, _ state: HiddenState) -> [GateActivation] {
    told(projected, recurred, state)
  }
}

extension LayerNormRNNCell: GatedCell {
  public var gateNames: [String] { ["h"] }

  public func activations(_ projected: Tensor, _ recurred: Tensor, _ state: HiddenState) -> [GateActivation] {
    told(projected, recurred, state)
  }
}

extension IndRNNCell: GatedCell {
  public var gateNames: [String] { ["h"] }

  public func activations(_ projected: Tensor, _ recurred: Tensor, _ state: HiddenState) -> [GateActivation] {
    told(projected, recurred, state)
  }
}
