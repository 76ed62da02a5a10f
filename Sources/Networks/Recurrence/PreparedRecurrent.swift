public import UnrollArrays
public import UnrollAutograd

extension Recurrent {
  /// The network made ready for one step at a time: its weights are packed once, where a call of the network packs them anew.
  ///
  /// It holds the parameters as they are now, and records nothing. Only a network that runs forward in time can be stepped.
  ///
  ///     let lstm = LSTM(3, 4, layers: 2, using: &generator)
  ///     let stream = lstm.prepared()
  ///     var state = stream.initialState(batch: 1)
  ///     for _ in 0..<3 {
  ///       let output = stream(Tensor.ones([1, 3]), state: &state)  // [1, 4]
  ///     }
  public func prepared() -> PreparedRecurrent<Cell> { PreparedRecurrent(self) }
}

/// A recurrent network for one step at a time; see `Recurrent.prepared`.
public struct PreparedRecurrent<Cell: RecurrentCell>: Sendable {
  private let network: Recurrent<Cell>
  /// The steps that have kernels.
  private let steps: [PreparedStep?]
  /// What a cell's step takes.
  private let fits: [StepFit]

  init(_ network: Recurrent<Cell>) {
    require(
      !network.isBidirectional && !network.isReversed,
      "prepared: a network that runs backward in time needs the whole sequence, and has no single steps")
    network.checkCells()
    self.network = network.mapping { $0.detached() }
    fits = network.forward.map { StepFit($0) }
    steps = network.forward.map { cell in
      (cell as? any FusedCell).flatMap { fused in fused.stepRule.map { PreparedStep($0, fused.stepWeights) } }
    }
  }

  /// The state before the first step: the learned one, or zeros.
  public func initialState(batch: Int, _ type: ElementType = .float32) -> Recurrent<Cell>.State {
    network.initialState(batch: batch, type)
  }

  /// The output of the last layer after one step with inputs `[batch, features]`; the state becomes the next one.
  public func callAsFunction(_ x: Tensor, state: inout Recurrent<Cell>.State) -> Tensor {
    require(x.rank == 2, "prepared: a step takes inputs [batch, features], not of shape \(x.shape)")
    require(
      state.cells.count == steps.count, "prepared: a state of \(state.cells.count) cells does not fit \(steps.count) cells")
    var output = x
    for layer in steps.indices {
      state.cells[layer] = next(layer, output, state.cells[layer])
      output = state.cells[layer].hidden
    }
    return output
  }

  private func next(_ layer: Int, _ x: Tensor, _ state: Cell.State) -> Cell.State {
    let tensors = state.tensors
    fits[layer].require(x, tensors, inputs: steps[layer]?.inputCount)
    guard let step = steps[layer] else {
      let (cell, before) = (network.forward[layer], state.mappingTensors { $0.detached() })
      return cell.step(cell.project(x.detached()), cell.recur(before.hidden), before)
    }
    let next = step(x.array, hidden: tensors[0].array, cell: tensors.count > 1 ? tensors[1].array : nil)
    return state.replacingTensors([Tensor(next.hidden)] + (next.cell.map { [Tensor($0)] } ?? []))
  }
}

/// What the step of a cell takes: the shapes of one row of its state, and the type of its parameters.
private struct StepFit: Sendable {
  private let widths: [Shape]
  private let type: ElementType?

  init<Cell: RecurrentCell>(_ cell: Cell) {
    type = cell.tensors.first?.type
    widths = cell.initialState(batch: 1, type ?? .float32).tensors.map { Shape($0.shape.dropFirst()) }
  }

  /// Stops where inputs, state and parameters do not fit one another, since kernels take their shapes and types on trust.
  func require(_ x: Tensor, _ state: [Tensor], inputs: Int?) {
    let type = type ?? x.type
    UnrollArrays.require(
      x.shape[1] == inputs ?? x.shape[1],
      "prepared: inputs of shape \(x.shape) do not fit a cell of \(inputs ?? 0) inputs")
    UnrollArrays.require(
      x.type == type, "prepared: \(x.type) inputs and \(type) parameters do not mix; cast one of them")
    let rows = x.shape[0]
    for (tensor, width) in zip(state, widths) {
      let shape = tensor.shape
      UnrollArrays.require(
        shape.count == width.count + 1 && shape[0] == rows && width.indices.allSatisfy { shape[$0 + 1] == width[$0] },
        "prepared: a state of shape \(shape) does not fit \(x.shape[0]) rows of "
          + "\(width.map(String.init).joined(separator: "×")) features")
      UnrollArrays.require(
        tensor.type == type, "prepared: a \(tensor.type) state and \(type) parameters do not mix; cast one of them")
    }
  }
}
