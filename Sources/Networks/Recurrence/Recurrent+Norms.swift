internal import UnrollArrays
package import UnrollAutograd

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
