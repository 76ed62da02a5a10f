internal import UnrollArrays
public import UnrollAutograd

/// The states of all cells of a recurrent layer: layer 0 forward, layer 0 backward where there is one, layer 1 forward, and so on.
public struct RecurrentStates<CellState: RecurrentState>: TensorGroup {
  /// One state for each layer and direction.
  public var cells: [CellState]

  /// States of the given cells.
  public init(cells: [CellState]) { self.cells = cells }

  public mutating func visitTensors(_ visit: (inout Tensor) -> Void) { cells.visitTensors(visit) }

  /// The same numbers, unrecorded: where truncated backpropagation through time ends.
  public func detached() -> RecurrentStates { mappingTensors { $0.detached() } }

  /// The same state with zeros in some rows: where a row's sequence has ended and another begins.
  ///
  ///     let (_, state) = LSTM(3, 4, using: &generator)(Tensor.ones([2, 5, 3]))
  ///     let fresh = state.resetting([true, false])  // of two rows, the first begins anew
  public func resetting(_ rows: [Bool]) -> RecurrentStates {
    mappingTensors { tensor in
      require(
        tensor.rank > 1 && tensor.shape[0] == rows.count,
        "resetting: \(rows.count) rows do not fit a state of shape \(tensor.shape)")
      let mask = Mask(rows, shape: Shape([rows.count] + Array(repeating: 1, count: tensor.rank - 1)))
      return Tensor.select(mask, Tensor(0, tensor.type), tensor)
    }
  }
}
