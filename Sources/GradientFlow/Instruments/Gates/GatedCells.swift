internal import UnrollArrays
public import UnrollAutograd
public import UnrollNetworks

extension LSTMCell: GatedCell {
  public var gateNames: [String] { ["i", "f", "g", "o"] }

  public func activations(_ projected: Tensor, _ recurred: Tensor, _ state: LSTMState) -> [GateActivation] {
    let a = (projected + recurred).chunks(4, axis: -1)
    return memoryActivations(a[0].sigmoid(), a[1].sigmoid(), a[2].tanh(), state) { _ in a[3].sigmoid() }
  }
}

extension PeepholeLSTMCell: GatedCell {
  public var gateNames: [String] { ["i", "f", "g", "o"] }

  public func activations(_ projected: Tensor, _ recurred: Tensor, _ state: LSTMState) -> [GateActivation] {
    let a = (projected + recurred).chunks(4, axis: -1)
    let (i, f) = ((a[0] + peepholes[0] * state.cell).sigmoid(), (a[1] + peepholes[1] * state.cell).sigmoid())
    return memoryActivations(i, f, a[2].tanh(), state) { (a[3] + peepholes[2] * $0).sigmoid() }
  }

  public func gateBlocks(of parameter: String, _ values: Tensor) -> [(gate: String, values: Tensor)] {
    let size = values.shape[values.rank - 1]
    if size == hiddenSize { return [("i", values[0]), ("f", values[1]), ("o", values[2])] }
    return Array(zip(gateNames, values.chunks(4, axis: -1))).map { (gate: $0, values: $1) }
  }
}

/// The gates of a long short-term memory, and the memory as the output sees it.
private func memoryActivations(
  _ i: Tensor, _ f: Tensor, _ g: Tensor, _ state: LSTMState, output: (_ cell: Tensor) -> Tensor
) -> [GateActivation] {
  let cell = f * state.cell + i * g
  return [
    GateActivation("i", .unit, i), GateActivation("f", .unit, f), GateActivation("g", .symmetric, g),
    GateActivation("o", .unit, output(cell)), GateActivation("tanh c", .symmetric, cell.tanh()),
  ]
}

extension GRUCell: GatedCell {
  public var gateNames: [String] { ["r", "z", "n"] }

  public func activations(_ projected: Tensor, _ recurred: Tensor, _ state: HiddenState) -> [GateActivation] {
    let (a, u) = (projected.chunks(3, axis: -1), recurred.chunks(reset == .after ? 3 : 2, axis: -1))
    let (r, z) = ((a[0] + u[0]).sigmoid(), (a[1] + u[1]).sigmoid())
    let inner =
      switch reset {
      case .after: r * (candidateBias.map { u[2] + $0 } ?? u[2])
      case .before: (r * state.hidden).matmul(recurrentWeight[.all, (2 * hiddenSize)...])
      }
    return [
      GateActivation("r", .unit, r), GateActivation("z", .unit, z), GateActivation("n", .symmetric, (a[2] + inner).tanh()),
    ]
  }

  public func gateBlocks(of parameter: String, _ values: Tensor) -> [(gate: String, values: Tensor)] {
    if values.shape[values.rank - 1] == hiddenSize { return [("n", values)] }
    return Array(zip(gateNames, values.chunks(3, axis: -1))).map { (gate: $0, values: $1) }
  }
}

extension RNNCell: GatedCell {
  public var gateNames: [String] { ["h"] }

  public func activations(_ projected: Tensor, _ recurred: Tensor, _ state: HiddenState) -> [GateActivation] {
    let range: GateActivation.Range =
      switch activation {
      case .tanh: .symmetric
      case .sigmoid: .unit
      case .relu, .identity, .custom: .unbounded
      }
    return [GateActivation("h", range, activation(projected + recurred))]
  }
}
