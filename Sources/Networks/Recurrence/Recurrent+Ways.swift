internal import UnrollArrays
public import UnrollAutograd

extension Recurrent {
  /// How each cell would run over a sequence like `x`, layer by layer, forward before backward: fused, or step by step with the
  /// reason.
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
    case .failure(let failure): return .stepByStep(failure.reason)
    }
  }
}
