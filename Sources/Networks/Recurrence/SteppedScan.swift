internal import UnrollArrays
internal import UnrollAutograd

extension Scan {
  /// Runs the sequence step by step as one operation, for a trace that wants sequences whole.
  func kept<Cell: RecurrentCell>(_ cell: Cell, from state: Cell.State) -> ScanResult<Cell.State> {
    let operation = SteppedScan(
      cell: cell.mappingTensors { Tensor($0.numbersOfConstant) }, traced: cell,
      state: state.mappingTensors { Tensor($0.numbersOfConstant) }, mask: mask, isReversed: isReversed, keepsStates: keepsStates
    )
    let parts = state.tensors.count
    let results = operation.results([input] + state.tensors + cell.tensors)
    let states = keepsStates ? state.replacingTensors([results[0]] + results[(1 + parts)...]) : nil
    return ScanResult(outputs: results[0], last: state.replacingTensors(Array(results[1..<(1 + parts)])), states: states)
  }
}

/// A whole sequence through one cell, whose step has no program, as one operation. Its inputs are x, the parts of the state, and the
/// tensors of the cell; its results are those of `ProgramScan`.
struct SteppedScan<Cell: RecurrentCell>: Fused, SequenceOperation {
  static var mixesTypes: Bool { true }

  let cell: Cell
  /// The cell as it was called, whose tensors may be recorded.
  let traced: Cell
  let state: Cell.State
  let mask: Mask?
  let isReversed: Bool
  let keepsStates: Bool

  var name: String { "\(Cell.self) step by step" }

  func forward(_ inputs: [NDArray]) -> Values { Values(run(inputs.map { Tensor($0) }).map(\.array)) }

  func reference(_ inputs: [Tensor], _: Context) -> [Tensor] { run(inputs) }

  private func run(_ inputs: [Tensor]) -> [Tensor] {
    let parts = state.tensors.count
    let scan = Scan(input: inputs[0], mask: mask, isReversed: isReversed, keepsStates: keepsStates)
    let result = scan.stepped(
      cell.replacingTensors(Array(inputs[(1 + parts)...])), from: state.replacingTensors(Array(inputs[1..<(1 + parts)])))
    return [result.outputs] + result.last.tensors + (result.states.map { Array($0.tensors.dropFirst()) } ?? [])
  }

  var sequenceForm: SequenceForm {
    SequenceForm(
      cell: traced, isReversed: isReversed, mask: mask, hasDraws: false, keepsStates: keepsStates,
      partCount: state.tensors.count,
      preparedCount: cell.tensors.count,
      step: { [cell, state] prepared, given in
        let (cell, state) = (cell.replacingTensors(prepared), state.replacingTensors(Array(given.dropFirst())))
        return cell.step(cell.project(given[0]), cell.recur(state.hidden), state).tensors
      })
  }
}
