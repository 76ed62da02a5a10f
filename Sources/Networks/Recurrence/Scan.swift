internal import UnrollArrays
package import UnrollAutograd

extension Scan {
  /// The outputs of every step, `[time, batch, hidden]`, and the state after the last: by the cell's own way, or step by step.
  func run<Cell: RecurrentCell>(_ cell: Cell, from state: Cell.State) -> (outputs: Tensor, state: Cell.State) {
    cell.scan(self, from: state) ?? stepped(cell, from: state)
  }

  /// Step by step: what every faster way must equal, and what its higher derivatives come from.
  package func stepped<Cell: RecurrentCell>(_ cell: Cell, from state: Cell.State) -> (outputs: Tensor, state: Cell.State) {
    let inputs = cell.project(input).unstacked()
    var outputs: [Tensor] = inputs
    var state = state
    for t in order {
      let next = cell.step(inputs[t], cell.recur(state.hidden), state)
      guard let mask = mask?.selecting(t) else {
        state = next
        outputs[t] = next.hidden
        continue
      }
      // Where a row's sequence has not begun or has ended, its state stays and its output is 0.
      state = next.replacingTensors(zip(next.tensors, state.tensors).map { Tensor.select(mask, $0, $1) })
      outputs[t] = Tensor.select(mask, next.hidden, Tensor(0, next.hidden.type))
    }
    return (Tensor.stack(outputs), state)
  }
}

extension Mask {
  /// One step of a mask `[time, batch, 1]`.
  fileprivate func selecting(_ step: Int) -> Mask {
    let count = shape[1]
    return Mask(Array(values[(step * count)..<((step + 1) * count)]), shape: [count, 1])
  }
}
