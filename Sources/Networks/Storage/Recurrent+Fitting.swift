internal import UnrollArrays
internal import UnrollAutograd

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
