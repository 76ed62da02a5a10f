internal import UnrollArrays
public import UnrollAutograd

/// The states of all cells of a recurrent layer, in order: layer 0 forward, layer 0 backward if there is one, layer 1 forward,
/// and so on. `forward(layer:)` and `backward(layer:)` find them by name.
public struct RecurrentStates<CellState: RecurrentState>: TensorGroup {
  /// One state for each layer and direction.
  public var cells: [CellState]
  /// Whether each layer has two states, forward and backward.
  public let isBidirectional: Bool

  /// A state with the given states of cells: one for each layer, or two if the network is bidirectional.
  public init(cells: [CellState], bidirectional: Bool = false) {
    require(!bidirectional || cells.count % 2 == 0, "RecurrentStates: \(cells.count) cells are not two for each layer")
    (self.cells, isBidirectional) = (cells, bidirectional)
  }

  public mutating func visitTensors(_ visit: (inout Tensor) -> Void) { cells.visitTensors(visit) }

  /// The same state, unrecorded: truncated backpropagation through time stops here.
  public func detached() -> RecurrentStates { mappingTensors { $0.detached() } }

  /// The same state with the rows selected by `rows` reset to the initial state, for rows whose sequence has ended and where
  /// another begins. The initial state comes from the network, which may have learned it.
  ///
  ///     let lstm = LSTM(3, 4, using: &generator).learningInitialState()
  ///     let (_, state) = lstm(Tensor.ones([2, 5, 3]))
  ///     let fresh = state.resetting([true, false], to: lstm.initialState(batch: 2))  // resets the first of two rows
  public func resetting(_ rows: [Bool], to initial: RecurrentStates) -> RecurrentStates {
    let (tensors, fresh) = (tensors, initial.tensors)
    require(
      fresh.map(\.shape) == tensors.map(\.shape),
      "resetting: an initial state of shapes \(fresh.map(\.shape)) does not fit one of shapes \(tensors.map(\.shape))")
    return replacingTensors(
      zip(tensors, fresh).map { tensor, fresh in
        require(
          tensor.rank > 1 && tensor.shape[0] == rows.count,
          "resetting: \(rows.count) rows do not fit a state of shape \(tensor.shape)")
        require(
          fresh.type == tensor.type,
          "resetting: a \(tensor.type) state and a \(fresh.type) initial one do not mix; cast one of them")
        let mask = Mask(rows, shape: Shape([rows.count] + Array(repeating: 1, count: tensor.rank - 1)))
        return Tensor.select(mask, fresh, tensor)
      })
  }
}

/// The state of one layer and direction.
extension RecurrentStates {
  /// The state of a layer's forward cell, which has read the sequence from its first step to its last. Layers count from 0, and
  /// -1 is the last one.
  ///
  ///     let lstm = LSTM(3, 4, layers: 2, bidirectional: true, using: &generator)
  ///     let (_, state) = lstm(Tensor.ones([2, 5, 3]))
  ///     let memory = state.forward(layer: 0).cell  // [2, 4]
  public func forward(layer: Int = -1) -> CellState { cells[position(of: layer, "forward")] }

  /// The state of a layer's backward cell, which has read the sequence from its last step to its first. Layers count from 0,
  /// and -1 is the last one.
  ///
  ///     let lstm = LSTM(3, 4, layers: 2, bidirectional: true, using: &generator)
  ///     let (_, state) = lstm(Tensor.ones([2, 5, 3]))
  ///     let memory = state.backward(layer: 1).cell  // [2, 4]
  public func backward(layer: Int = -1) -> CellState {
    require(isBidirectional, "backward: this state is of a network with one direction; its states are forward")
    return cells[position(of: layer, "backward") + 1]
  }

  /// The hidden state of the last layer, `[batch, hidden]`; of both directions, joined along the last axis, if there are two.
  ///
  /// It is what a classifier of whole sequences reads: with `lengths` or a `mask`, each row's is the one after its own last
  /// step.
  ///
  ///     let lstm = LSTM(3, 4, bidirectional: true, using: &generator)
  ///     let summary = lstm(Tensor.ones([2, 5, 3]), lengths: [5, 2]).state.lastHidden  // [2, 8]
  public var lastHidden: Tensor {
    if !isBidirectional { return forward().hidden }
    return Tensor.concatenate([forward().hidden, backward().hidden], axis: -1)
  }

  private func position(of layer: Int, _ operation: String) -> Int {
    let directions = isBidirectional ? 2 : 1
    let count = cells.count / directions
    let number = layer < 0 ? layer + count : layer
    require(number >= 0 && number < count, "\(operation): layer \(layer) is not one of the \(count) layers of this state")
    return number * directions
  }
}

extension RecurrentStates {
  /// The states of all cells stacked, as in other frameworks: h and c for an LSTM, h alone for a GRU, each `[layers ·
  /// directions, batch, features]`. Layer 0 forward comes first, then layer 0 backward if there is one.
  ///
  ///     let lstm = LSTM(3, 4, layers: 2, using: &generator)
  ///     let (_, state) = lstm(Tensor.ones([2, 5, 3]))
  ///     let h = state.stacked[0], c = state.stacked[1]  // [2, 2, 4] each
  public var stacked: [Tensor] {
    let all = cells.map(\.tensors)
    guard let first = all.first else { return [] }
    for cell in all {
      let shapes = cell.map(\.shape)
      require(shapes == first.map(\.shape), "stacked: states of shapes \(first.map(\.shape)) and \(shapes) cannot be stacked")
    }
    return first.indices.map { part in Tensor.stack(all.map { $0[part] }) }
  }
}

extension Recurrent {
  /// The state from stacked tensors, the inverse of `stacked`: one tensor for each part of a cell's state, `[layers ·
  /// directions, batch, features]`, or `[layers · directions, features]` for an input without a batch.
  ///
  ///     let lstm = LSTM(3, 4, layers: 2, using: &generator)
  ///     let state = lstm.state(stacked: [Tensor.zeros([2, 1, 4]), Tensor.ones([2, 1, 4])])
  ///     let (outputs, _) = lstm(Tensor.ones([1, 5, 3]), from: state)
  public func state(stacked parts: [Tensor]) -> State {
    let cells = layerCount * (isBidirectional ? 2 : 1)
    let rows = State(
      cells: (0..<layerCount).flatMap { layer in
        (isBidirectional ? [forward[layer], backward[layer]] : [forward[layer]])
          .map { $0.initialState(batch: 1, parts.first?.type ?? .float32) }
      }, bidirectional: isBidirectional)
    let count = rows.cells[0].tensors.count
    require(parts.count == count, "state: \(parts.count) stacked tensors are not the \(count) parts of a cell's state")
    for (part, tensor) in parts.enumerated() {
      require(
        tensor.rank > 1 && tensor.shape[0] == cells,
        "state: a stacked tensor of shape \(tensor.shape) is not one for \(cells) cells")
      for cell in rows.cells {
        let features = cell.tensors[part].shape.dropFirst()
        require(
          tensor.shape.suffix(features.count).elementsEqual(features) && tensor.rank - features.count <= 2,
          "state: a stacked tensor of shape \(tensor.shape) does not have the "
            + "\(features.map(String.init).joined(separator: "×")) features of a cell's state")
      }
    }
    return State(
      cells: rows.cells.enumerated().map { i, cell in cell.replacingTensors(parts.map { $0[i] }) },
      bidirectional: isBidirectional)
  }
}

extension Recurrent {
  /// Whether a state fits this network and a batch of that many rows: the number of cells, and their shapes and type. Check a
  /// state that comes from a file before using it.
  ///
  ///     let lstm = LSTM(3, 4, using: &generator)
  ///     let checkpoint = Checkpoint(step: 1, ["state": lstm.initialState(batch: 2)])
  ///     let state: LSTM.State = try checkpoint.value("state")
  ///     print(lstm.fits(state, batch: 2), lstm.fits(state, batch: 3))  // true false
  public func fits(_ state: State, batch: Int) -> Bool {
    let own = initialState(batch: batch, parameters.first?.tensor.type ?? .float32)
    guard state.cells.count == own.cells.count else { return false }
    return zip(state.cells, own.cells).allSatisfy { cell, expected in
      let (given, wanted) = (cell.tensors, expected.tensors)
      return given.count == wanted.count && zip(given, wanted).allSatisfy { $0.shape == $1.shape && $0.type == $1.type }
    }
  }
}
