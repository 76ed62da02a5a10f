public import UnrollArrays
public import UnrollAutograd

extension Recurrent {
  /// The outputs of every step, and the state after the last; nothing is dropped.
  ///
  /// With `lengths`, one for each row, what lies behind a row's length is padding: nothing depends on it, outputs are 0 there, the state
  /// is the one after the row's own last step, and the backward direction begins there. A `mask`, `[batch, time]` in the order of the
  /// input's axes, says the same for each step; steps that are left out in the middle pass the state on.
  ///
  ///     let rnn = RNN(3, 4, using: &generator)
  ///     let (outputs, state) = rnn(Tensor.ones([2, 5, 3]), lengths: [5, 2])
  public func callAsFunction(
    _ x: Tensor, from state: State? = nil, lengths: [Int]? = nil, mask: Mask? = nil
  ) -> (outputs: Tensor, state: State) {
    let run = run(x, state, RowMask(lengths, mask), dropping: nil, keepsStates: false)
    return (run.outputs, run.state)
  }

  /// The same while training: drops by `dropout` and `recurrentDropout`, and as the cells do, with draws from the generator.
  ///
  ///     var lstm = LSTM(3, 4, layers: 2, using: &generator)
  ///     lstm.dropout = 0.2
  ///     let (outputs, state) = lstm(Tensor.ones([2, 5, 3]), using: &generator)
  public func callAsFunction(
    _ x: Tensor, from state: State? = nil, lengths: [Int]? = nil, mask: Mask? = nil, using generator: inout Generator
  ) -> (outputs: Tensor, state: State) {
    let dropping = draws(for: x, using: &generator)
    let run = drawn(using: &generator).run(x, state, RowMask(lengths, mask), dropping: dropping, keepsStates: false)
    return (run.outputs, run.state)
  }

  /// The outputs of every step, and the states of all cells after every step: `[batch, time, ...]` each, or as the input is laid out.
  ///
  ///     let lstm = LSTM(3, 4, using: &generator)
  ///     let (outputs, states) = lstm.trajectory(Tensor.ones([2, 5, 3]))
  ///     let memory = states.cells[0].cell  // [2, 5, 4]
  public func trajectory(
    _ x: Tensor, from state: State? = nil, lengths: [Int]? = nil, mask: Mask? = nil
  ) -> (outputs: Tensor, states: State) {
    let run = run(x, state, RowMask(lengths, mask), dropping: nil, keepsStates: true)
    return (run.outputs, State(cells: run.trajectory))
  }

  /// The state before the first step: the learned one, or zeros.
  public func initialState(batch: Int, _ type: ElementType = .float32) -> State {
    let zeros = State(
      cells: (0..<layerCount).flatMap { layer in
        [forward[layer].initialState(batch: batch, type)]
          + (isBidirectional ? [backward[layer].initialState(batch: batch, type)] : [])
      })
    if initial.isEmpty { return zeros }
    let shapes = zeros.tensors.map(\.shape)
    require(
      initial.count == shapes.count
        && zip(initial, shapes).allSatisfy { $0.shape == Shape([1] + $1.dropFirst()) },
      "Recurrent: initial states of shapes \(initial.map(\.shape)) are not those of all cells' states \(shapes) in one row")
    return zeros.replacingTensors(zip(initial, shapes).map { $0.broadcast(to: $1) })
  }

  /// The same network with an initial state that is learned, at first zero.
  ///
  ///     let lstm = LSTM(3, 4, using: &generator).learningInitialState()
  public func learningInitialState() -> Recurrent {
    var copy = self
    let type = tensors.first?.type ?? .float32
    copy.initial = []
    copy.initial = copy.initialState(batch: 1, type).tensors
    return copy
  }
}

/// Which steps of which rows take part: as somebody says it.
struct RowMask {
  let lengths: [Int]?
  let mask: Mask?

  init(_ lengths: [Int]?, _ mask: Mask?) {
    require(lengths == nil || mask == nil, "Recurrent: lengths and a mask say the same; give one of them")
    self.lengths = lengths
    self.mask = mask
  }

  /// `[time, batch, 1]`.
  func resolved(steps: Int, batch: Int, isTimeFirst: Bool) -> Mask? {
    if let lengths {
      require(lengths.count == batch, "Recurrent: \(lengths.count) lengths do not fit \(batch) rows")
      for length in lengths {
        require(length > 0 && length <= steps, "Recurrent: a length of \(length) does not lie in 1...\(steps)")
      }
      return Mask((0..<steps).flatMap { step in lengths.map { step < $0 } }, shape: [steps, batch, 1])
    }
    guard let mask else { return nil }
    let shape: Shape = isTimeFirst ? [steps, batch] : [batch, steps]
    require(mask.shape == shape, "Recurrent: a mask of shape \(mask.shape) is not \(shape)")
    return (isTimeFirst ? mask : mask.permuted([1, 0])).reshaped([steps, batch, 1])
  }
}

extension Recurrent {
  typealias Run = (outputs: Tensor, state: State, trajectory: [Cell.State])

  func run(
    _ x: Tensor, _ state: State?, _ rows: RowMask, dropping: RecurrentDraws?, keepsStates: Bool,
    norms: [Tensor]? = nil
  ) -> Run {
    if x.rank == 2 { return unbatched(x, state, rows, dropping, keepsStates, norms) }
    checkCells()
    require(x.rank == 3, "Recurrent: an input of shape \(x.shape) is no sequence: three axes are, or two without a batch")
    let (steps, batch) = isTimeFirst ? (x.shape[0], x.shape[1]) : (x.shape[1], x.shape[0])
    require(steps > 0 && batch > 0, "Recurrent: an input of shape \(x.shape) has no steps or no rows")
    let mask = rows.resolved(steps: steps, batch: batch, isTimeFirst: isTimeFirst)
    let given = state ?? initialState(batch: batch, x.type)
    if state != nil { requireState(given, batch, x.type) }
    var (states, trajectory) = (given, [Cell.State]())
    var sequence = isTimeFirst ? x : x.transposed(0, 1)
    // Weights' gradients sum over all steps, and what is not a number stays so when it is multiplied by zero.
    if let mask { sequence = Tensor.select(mask, sequence, Tensor(0, x.type)) }
    for layer in 0..<layerCount {
      func run(_ cell: Cell, _ position: Int, reversed: Bool) -> Tensor {
        let scan = Scan(
          input: sequence, mask: mask, isReversed: reversed, hiddenFactors: dropping?.hidden[position],
          noise: dropping?.noise[position] ?? [], keepsStates: keepsStates, segment: checkpointInterval,
          norms: norms?[position])
        let result = scan.run(cell, from: given.cells[position], traces)
        states.cells[position] = result.last
        if let all = result.states {
          trajectory.append(isTimeFirst ? all : all.mappingTensors { $0.transposed(0, 1) })
        }
        return result.outputs
      }
      if isBidirectional {
        let ahead = run(forward[layer], 2 * layer, reversed: false)
        sequence = merged(ahead, run(backward[layer], 2 * layer + 1, reversed: true))
      } else {
        sequence = run(forward[layer], layer, reversed: isReversed)
      }
      if let factors = dropping?.outputs[layer] { sequence = sequence * factors }
    }
    return (isTimeFirst ? sequence : sequence.transposed(0, 1), states, trajectory)
  }

  private func merged(_ a: Tensor, _ b: Tensor) -> Tensor {
    switch merge {
    case .concatenate: Tensor.concatenate([a, b], axis: -1)
    case .sum: a + b
    case .average: (a + b) * 0.5
    case .multiply: a * b
    }
  }

  private func unbatched(
    _ x: Tensor, _ state: State?, _ rows: RowMask, _ dropping: RecurrentDraws?, _ keepsStates: Bool,
    _ norms: [Tensor]?
  ) -> Run {
    let axis = isTimeFirst ? 1 : 0
    let mask = rows.mask.map { mask in
      require(mask.rank == 1, "Recurrent: a mask of shape \(mask.shape) is no vector, as an input without a batch wants it")
      return mask.reshaped(isTimeFirst ? [mask.count, 1] : [1, mask.count])
    }
    let run = run(
      x.expandingAxis(axis), state.map { $0.mappingTensors { $0.expandingAxis(0) } }, RowMask(rows.lengths, mask),
      dropping: dropping, keepsStates: keepsStates, norms: norms)
    return (
      run.outputs.squeezingAxis(axis), run.state.mappingTensors { $0.squeezingAxis(0) },
      run.trajectory.map { $0.mappingTensors { $0.squeezingAxis(axis) } }
    )
  }

  /// The cells of one call.
  private func drawn(using generator: inout Generator) -> Recurrent {
    var copy = self
    copy.forward = forward.map { $0.drawn(using: &generator) }
    copy.backward = backward.map { $0.drawn(using: &generator) }
    return copy
  }

  private func requireState(_ state: State, _ batch: Int, _ type: ElementType) {
    let count = layerCount * (isBidirectional ? 2 : 1)
    require(
      state.cells.count == count, "Recurrent: a state of \(state.cells.count) cells does not fit \(count) cells")
    for (position, cell) in state.cells.enumerated() {
      let owner = isBidirectional ? (position % 2 == 0 ? forward : backward)[position / 2] : forward[position]
      for (tensor, row) in zip(cell.tensors, owner.initialState(batch: 1, type).tensors) {
        require(
          tensor.shape == Shape([batch] + row.shape.dropFirst()),
          "Recurrent: a state of shape \(tensor.shape) does not fit \(batch) rows of "
            + "\(row.shape.dropFirst().map(String.init).joined(separator: "×")) features")
      }
    }
  }
}
