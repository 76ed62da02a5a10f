internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollNetworks

/// A state with one row, and a step that is repeated on it.
struct Recurrence<State: TensorGroup> {
  let start: State
  let count: Int
  let parts: [(name: String, range: Range<Int>)]
  /// One step for any number of rows: the index of the step, the number of rows, and the state.
  let step: (_ t: Int, _ rows: Int, _ state: State) -> State

  var size: Int { parts.last?.range.upperBound ?? 0 }
  var type: ElementType { start.tensors.first?.type ?? .float64 }

  init(start: State, count: Int, names: [String], step: @escaping (Int, Int, State) -> State) {
    self.start = start.mappingTensors { $0.detached() }
    self.count = count
    self.step = step
    var first = 0
    parts = zip(names, start.tensors).map { name, tensor in
      defer { first += tensor.count }
      return (name, first..<(first + tensor.count))
    }
  }

  /// The next state, and the images of small changes of this one: `[changes, n]` gives `[changes, n]`.
  func pushed(_ t: Int, _ state: State, along changes: Tensor) -> (state: State, changes: Tensor) {
    let rows = changes.shape[0]
    let repeated = state.mappingTensors { $0.broadcast(to: Shape([rows] + $0.shape.dropFirst())) }
    var ranges = parts.map(\.range).makeIterator()
    let direction = repeated.mappingTensors { tensor in
      let range = ranges.next() ?? 0..<0
      return changes[.all, range].reshaped(tensor.shape)
    }
    let (next, tangent) = tangent(at: repeated, along: direction) { step(t, rows, $0) }
    let flat = tangent.tensors.map { $0.reshaped([rows, $0.count / rows]) }
    return (next.mappingTensors { $0[0..<1] }, Tensor.concatenate(flat, axis: 1))
  }
}

extension Recurrence {
  init<Cell: RecurrentCell>(_ cell: Cell, _ x: Tensor, from state: Cell.State?, _ instrument: String)
  where State == Cell.State {
    requireSequence(x, instrument)
    let start = state ?? cell.initialState(batch: 1, x.type)
    requireOneRow(start.tensors, instrument)
    let (cell, x) = (cell.mappingTensors { $0.detached() }, x.detached())
    self.init(start: start, count: x.shape[0], names: start.partNames) { t, rows, state in
      cell(x[t].expandingAxis(0).broadcast(to: [rows, x.shape[1]]), from: state)
    }
  }

  init<Cell: RecurrentCell>(
    _ network: Recurrent<Cell>, _ x: Tensor, from state: Recurrent<Cell>.State?, _ instrument: String
  ) where State == Recurrent<Cell>.State {
    requireSequence(x, instrument)
    require(
      !network.isBidirectional,
      "\(instrument): a bidirectional network has no single state per step; measure one of its cells")
    let start = state ?? network.initialState(batch: 1, x.type)
    requireOneRow(start.tensors, instrument)
    let names = start.cells.enumerated().flatMap { layer, state in
      state.partNames.map { start.cells.count == 1 ? $0 : "layer \(layer) \($0)" }
    }
    let (network, x) = (network.mappingTensors { $0.detached() }, x.detached())
    self.init(start: start, count: x.shape[0], names: names) { t, rows, state in
      let time = network.isReversed ? x.shape[0] - 1 - t : t
      let input = x[time].reshaped([1, 1, x.shape[1]])
      let shape: Shape = network.isTimeFirst ? [1, rows, x.shape[1]] : [rows, 1, x.shape[1]]
      return network(input.broadcast(to: shape), from: state).state
    }
  }
}

private func requireSequence(_ x: Tensor, _ instrument: String) {
  require(x.rank == 2, "\(instrument): an input of shape \(x.shape) is not one sequence, [time, inputs]")
  require(x.shape[0] > 0, "\(instrument): the sequence has no steps")
}

private func requireOneRow(_ state: [Tensor], _ instrument: String) {
  for tensor in state {
    require(
      tensor.rank > 0 && tensor.shape[0] == 1, "\(instrument): a state of shape \(tensor.shape) does not have one row")
  }
}
