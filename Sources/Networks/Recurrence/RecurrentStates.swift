internal import UnrollArrays
public import UnrollAutograd

/// The states of all cells of a recurrent layer, in order: layer 0 forward, layer 0 backward if there is one, layer 1 forward,
/// and so on.
public struct RecurrentStates<CellState: RecurrentState>: TensorGroup {
  /// One state for each layer and direction.
  public var cells: [CellState]

  /// A state with the given states of cells.
  public init(cells: [CellState]) { self.cells = cells }

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
