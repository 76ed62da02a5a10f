internal import UnrollArrays
public import UnrollAutograd

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
      })
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
    return State(cells: rows.cells.enumerated().map { i, cell in cell.replacingTensors(parts.map { $0[i] }) })
  }
}
