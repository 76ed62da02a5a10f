public import UnrollArrays
public import UnrollAutograd

extension Recurrent {
  /// Prepares the network for single steps: its weights are packed once, whereas each call of the network packs them again.
  ///
  /// The result is a snapshot of the parameters, and records nothing. Only a network that runs forward in time can be stepped.
  /// If the layer is fused (`ways` reports this), a step runs its compiled program, which is made at the first step with a
  /// given number of rows.
  ///
  ///     let lstm = LSTM(3, 4, layers: 2, using: &generator)
  ///     let stream = lstm.prepared()
  ///     var state = stream.initialState(batch: 1)
  ///     for _ in 0..<3 {
  ///       let output = stream(Tensor.ones([1, 3]), state: &state)  // [1, 4]
  ///     }
  public func prepared() -> PreparedRecurrent<Cell> { PreparedRecurrent(self) }
}

/// A recurrent network prepared for single steps; see `Recurrent.prepared`.
public struct PreparedRecurrent<Cell: RecurrentCell>: Sendable {
  private let network: Recurrent<Cell>
  private let cells: [PreparedCell<Cell>]

  init(_ network: Recurrent<Cell>) {
    require(
      !network.isBidirectional && !network.isReversed,
      "prepared: a network that runs backward in time needs the whole sequence and cannot run single steps")
    network.checkCells()
    let network = network.mapping { $0.detached() }
    self.network = network
    cells = network.forward.map { PreparedCell($0, network.traces) }
  }

  /// The initial state: the learned one, or zeros.
  public func initialState(batch: Int, _ type: ElementType = .float32) -> Recurrent<Cell>.State {
    network.initialState(batch: batch, type)
  }

  /// Runs one step on inputs `[batch, features]`, advances the state, and returns the last layer's output.
  public func callAsFunction(_ x: Tensor, state: inout Recurrent<Cell>.State) -> Tensor {
    require(x.rank == 2, "prepared: a step takes inputs [batch, features], not of shape \(x.shape)")
    require(
      state.cells.count == cells.count, "prepared: a state of \(state.cells.count) cells does not fit \(cells.count) cells")
    var output = x
    for layer in cells.indices {
      state.cells[layer] = cells[layer](output, state.cells[layer])
      output = state.cells[layer].hidden
    }
    return output
  }
}

/// A cell prepared for single steps: it runs its step's program, or each operation in turn if the step has none.
private final class PreparedCell<Cell: RecurrentCell>: Sendable {
  private let cell: Cell
  private let traces: StepTraces<Cell>
  private let steps: PreparedSteps

  init(_ cell: Cell, _ traces: StepTraces<Cell>) {
    self.cell = cell
    self.traces = traces
    steps = PreparedSteps(StepFit(cell))
  }

  func callAsFunction(_ x: Tensor, _ state: Cell.State) -> Cell.State {
    if let next = steps.next(x, state.tensors, making: { made(x, state, sharing: $0) }) { return state.replacingTensors(next) }
    let before = state.mappingTensors { $0.detached() }
    return cell.step(cell.project(x.detached()), cell.recur(before.hidden), before)
  }

  private func made(_ x: Tensor, _ state: Cell.State, sharing other: ProgramStep?) -> ProgramStep? {
    if x.shape[0] == 0 || cell is any EveryStepCell { return nil }
    guard case .success(let step) = traces.step(cell, input: x.shape, state: state, draws: [], factors: nil, x.type) else {
      return nil
    }
    let (matrices, rows) = step.prepared(cell.tensors)
    return ProgramStep(step.program, matrices: matrices.map(\.array), parameters: rows.map(\.array), sharing: other)
  }
}

/// The programs for each shape of input so far, with the weights packed for them. The class is not generic because a generic
/// type would look up its metadata at every step.
private final class PreparedSteps: Sendable {
  private final class Entry: Sendable {
    let input: Shape
    let state: [Shape]
    let type: ElementType
    /// Nil if the step cannot be compiled.
    let step: ProgramStep?

    init(_ x: NDArray, _ parts: [NDArray], _ step: ProgramStep?) {
      input = x.shape
      state = parts.map { $0.shape }
      type = x.type
      self.step = step
    }

    /// Whether the tensors have the shapes and types that were checked when the program was made. Nothing is copied.
    func fits(_ x: NDArray, _ parts: [NDArray]) -> Bool {
      guard x.has(input), x.type == type, parts.count == state.count else { return false }
      for i in parts.indices where !parts[i].has(state[i]) || parts[i].type != type { return false }
      return true
    }
  }

  private let fit: StepFit
  private let entries = Guarded<[Entry]>([])

  /// The number of input shapes whose programs are kept.
  private static let capacity = 16

  init(_ fit: StepFit) { self.fit = fit }

  /// The next state; nil if the step cannot be compiled.
  func next(_ x: Tensor, _ state: [Tensor], making make: (_ last: ProgramStep?) -> ProgramStep?) -> [Tensor]? {
    let (x, parts) = (x.array, state.map { $0.array })
    guard let step = step(x, parts, making: make) else { return nil }
    return step(x, parts).map { Tensor($0) }
  }

  private func step(_ x: NDArray, _ parts: [NDArray], making make: (_ last: ProgramStep?) -> ProgramStep?) -> ProgramStep? {
    let known = entries.withLock { entries in entries.first { $0.fits(x, parts) } }
    if let known { return known.step }
    fit.require(x, parts)
    let made = Entry(x, parts, make(entries.withLock { $0.last?.step }))
    entries.withLock { entries in
      if entries.count >= Self.capacity { entries.removeFirst() }
      entries.append(made)
    }
    return made.step
  }
}

/// The expected input of a cell's step: the shapes of one row of its state, and the type of its parameters.
private struct StepFit: Sendable {
  private let widths: [Shape]
  private let type: ElementType?
  /// The number of input features, if the cell states it.
  private let inputs: Int?

  init<Cell: RecurrentCell>(_ cell: Cell) {
    type = cell.tensors.first?.type
    inputs = cell.inputSize
    widths = cell.initialState(batch: 1, type ?? .float32).tensors.map { Shape($0.shape.dropFirst()) }
  }

  /// Stops if inputs, state and parameters do not fit each other, because kernels do not check shapes and types.
  func require(_ x: NDArray, _ state: [NDArray]) {
    let (type, rows) = (type ?? x.type, x.shape[0])
    UnrollArrays.require(
      inputs == nil || x.shape[1] == inputs,
      "prepared: inputs of shape \(x.shape) do not fit a cell of \(inputs ?? 0) inputs")
    UnrollArrays.require(
      x.type == type, "prepared: \(x.type) inputs and \(type) parameters do not mix; cast one of them")
    UnrollArrays.require(
      state.count == widths.count,
      "prepared: a state of \(state.count) tensors does not fit a cell whose state has \(widths.count)")
    for (part, width) in zip(state, widths) {
      let shape = part.shape
      UnrollArrays.require(
        shape.count == width.count + 1 && shape[0] == rows && width.indices.allSatisfy { shape[$0 + 1] == width[$0] },
        "prepared: a state of shape \(shape) does not fit \(rows) rows of "
          + "\(width.map(String.init).joined(separator: "×")) features")
      UnrollArrays.require(
        part.type == type, "prepared: a \(part.type) state and \(type) parameters do not mix; cast one of them")
    }
  }
}
