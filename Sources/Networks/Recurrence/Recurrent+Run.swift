public import UnrollArrays
public import UnrollAutograd

extension Recurrent {
  /// The outputs of every step, and the state after the last step, in evaluation: nothing is dropped.
  ///
  /// `lengths` holds one length for each row; steps beyond it are padding. Nothing depends on padding: its outputs are 0, the
  /// final state is the one after the row's last step, and the backward direction starts at that step. A `mask`, `[batch,
  /// time]` in the axis order of the input, does the same step by step; steps that it excludes in the middle pass the state on
  /// unchanged.
  ///
  ///     let rnn = RNN(3, 4, using: &generator)
  ///     let (outputs, state) = rnn(Tensor.ones([2, 5, 3]), lengths: [5, 2])
  public func callAsFunction(
    _ x: Tensor, from state: State? = nil, lengths: [Int]? = nil, mask: Mask? = nil
  ) -> (outputs: Tensor, state: State) {
    let run = run(x, state, RowMask(lengths, mask), dropping: nil, keepsStates: false)
    return (run.outputs, run.state)
  }

  /// The same in training: `dropout`, `recurrentDropout` and the cells' own noise are active, and draw from the generator.
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

  /// The outputs of every step, and the states of all cells after every step: `[batch, time, ...]` each, or time first like the
  /// input.
  ///
  ///     let lstm = LSTM(3, 4, using: &generator)
  ///     let (outputs, states) = lstm.trajectory(Tensor.ones([2, 5, 3]))
  ///     let memory = states.cells[0].cell  // [2, 5, 4]
  public func trajectory(
    _ x: Tensor, from state: State? = nil, lengths: [Int]? = nil, mask: Mask? = nil
  ) -> (outputs: Tensor, states: State) {
    let run = run(x, state, RowMask(lengths, mask), dropping: nil, keepsStates: true)
    return (run.outputs, State(cells: run.trajectory, bidirectional: isBidirectional))
  }

  /// The initial state: the learned one, or zeros.
  public func initialState(batch: Int, _ type: ElementType = .float32) -> State {
    let zeros = State(
      cells: (0..<layerCount).flatMap { layer in
        [forward[layer].initialState(batch: batch, type)]
          + (isBidirectional ? [backward[layer].initialState(batch: batch, type)] : [])
      }, bidirectional: isBidirectional)
    if initial.isEmpty { return zeros }
    let shapes = zeros.tensors.map(\.shape)
    require(
      initial.count == shapes.count
        && zip(initial, shapes).allSatisfy { $0.shape == Shape([1] + $1.dropFirst()) },
      "Recurrent: initial states of shapes \(initial.map(\.shape)) do not fit cells with states \(shapes) per row")
    return zeros.replacingTensors(zip(initial, shapes).map { $0.broadcast(to: $1) })
  }

  /// The same network with a learned initial state, which starts at zero.
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

/// The steps of each row that take part, as the caller gave them.
struct RowMask {
  let lengths: [Int]?
  let mask: Mask?

  init(_ lengths: [Int]?, _ mask: Mask?) {
    require(lengths == nil || mask == nil, "Recurrent: give lengths or a mask, not both")
    self.lengths = lengths
    self.mask = mask
  }

  /// The mask as `[time, batch, 1]`; nil if all steps take part.
  func resolved(steps: Int, batch: Int, isTimeFirst: Bool) -> Mask? {
    if let lengths {
      require(lengths.count == batch, "Recurrent: \(lengths.count) lengths do not fit \(batch) rows")
      for length in lengths {
        require(length > 0 && length <= steps, "Recurrent: a length of \(length) is not in 1...\(steps)")
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
    require(x.rank == 3, "Recurrent: an input of shape \(x.shape) is not a sequence (three axes, or two without a batch)")
    let (steps, batch) = isTimeFirst ? (x.shape[0], x.shape[1]) : (x.shape[1], x.shape[0])
    require(steps > 0 && batch > 0, "Recurrent: an input of shape \(x.shape) has no steps or no rows")
    let mask = rows.resolved(steps: steps, batch: batch, isTimeFirst: isTimeFirst)
    let given = state ?? initialState(batch: batch, x.type)
    if state != nil { requireState(given, batch, x.type) }
    // A state that was made of cells alone does not know how many directions there are.
    var (states, trajectory) = (State(cells: given.cells, bidirectional: isBidirectional), [Cell.State]())
    var sequence = isTimeFirst ? x : x.transposed(0, 1)
    // Padding may hold NaN, and weight gradients sum over all steps: NaN · 0 would still be NaN, so zeros replace it.
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
      require(mask.rank == 1, "Recurrent: a mask of shape \(mask.shape) is not a vector, which an input without a batch needs")
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

  /// The network for one call, with each cell's own draws made.
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

extension Recurrent {
  /// Runs one step on inputs `[batch, features]`, advances the state, and returns the last layer's output, `[batch, outputs]`.
  ///
  /// It is differentiable, like a call on a sequence of one step; `prepared` is faster where no derivative is needed.
  ///
  ///     let lstm = LSTM(3, 4, using: &generator)
  ///     var state = lstm.initialState(batch: 2)
  ///     let output = lstm.next(Tensor.ones([2, 3]), state: &state)  // [2, 4]
  public func next(_ x: Tensor, state: inout State) -> Tensor {
    require(x.rank == 2, "next: a step takes inputs [batch, features], not of shape \(x.shape)")
    require(
      !isBidirectional && !isReversed,
      "next: a network that runs backward in time needs the whole sequence and cannot run single steps")
    let axis = isTimeFirst ? 0 : 1
    let run = self(x.expandingAxis(axis), from: state)
    state = run.state
    return run.outputs.squeezingAxis(axis)
  }
}

extension Recurrent {
  /// How each cell would run over a sequence like `x`, layer by layer, forward before backward: fused; as a linear recurrence, if it is a
  /// `LinearCell` whose step cannot be traced; or step by step with the reason.
  ///
  /// A step is fused if it can be traced: its operations are recorded once and compiled into a program that runs over whole
  /// sequences, forward and backward. Both ways give the same numbers up to rounding.
  ///
  ///     let lstm = LSTM(3, 4, layers: 2, using: &generator)
  ///     print(lstm.ways(for: Tensor.ones([2, 5, 3])))  // [fused, fused]
  public func ways(for x: Tensor) -> [RecurrentWay] {
    require(
      x.rank == 2 || x.rank == 3, "ways: an input of shape \(x.shape) is not a sequence (three axes, or two without a batch)")
    checkCells()
    return cells(for: x).map { way($0, $1, x.type) }
  }

  /// All cells in the order of the states, each with the shape of its step's input.
  func cells(for x: Tensor) -> [(cell: Cell, input: Shape)] {
    let batch = x.rank == 2 ? 1 : isTimeFirst ? x.shape[1] : x.shape[0]
    var width = x.shape[x.rank - 1]
    return (0..<layerCount).flatMap { layer in
      defer { width = outputSize(of: layer) }
      return (isBidirectional ? [forward[layer], backward[layer]] : [forward[layer]]).map { ($0, Shape([batch, width])) }
    }
  }

  private func way(_ cell: Cell, _ input: Shape, _ type: ElementType) -> RecurrentWay {
    let state = cell.initialState(batch: input[0], type)
    switch traces.step(cell, input: input, state: state, draws: [], factors: nil, type) {
    case .success: return .fused
    case .failure where (cell as? any LinearCell)?.isLinear == true: return .linear
    case .failure(let failure): return .stepByStep(failure.reason)
    }
  }
}

extension Recurrent {
  /// Whether backward can report the norms of the cotangents of every cell's states, which requires compiled steps.
  package func saysNorms(for x: Tensor) -> Bool {
    cells(for: x).allSatisfy { cell, input in
      guard !(cell is any EveryStepCell),
        case .success = traces.step(
          cell, input: input, state: cell.initialState(batch: input[0], x.type), draws: [], factors: nil, x.type,
          saysCotangents: true)
      else { return false }
      return true
    }
  }

  /// Probes for the norms, `[parts of the state, steps + 1, batch]` in float64 for each cell, in the order of the states.
  package func normProbes(for x: Tensor) -> [Tensor] {
    let steps = x.rank == 2 || isTimeFirst ? x.shape[0] : x.shape[1]
    return cells(for: x).map { cell, input in
      Tensor.zeros([cell.initialState(batch: 1, x.type).tensors.count, steps + 1, input[0]], .float64)
    }
  }

  /// The outputs of every step. The gradient at a probe, in the order of the states, holds the norms of the derivatives by that
  /// cell's states, laid out as in `StateNorms`; NaN if backward is itself differentiated, which does not compute them.
  package func outputs(_ x: Tensor, from state: State?, lengths: [Int]?, norms: [Tensor]) -> Tensor {
    run(x, state, RowMask(lengths, nil), dropping: nil, keepsStates: false, norms: norms).outputs
  }
}
