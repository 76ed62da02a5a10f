internal import UnrollArrays
internal import UnrollAutograd

extension Scan {
  /// The way to run a linear cell over a whole sequence, as recurrences in tensor arithmetic; nil for other cells, and where
  /// something acts between the steps.
  func linear<Cell: RecurrentCell>(_ cell: Cell) -> Way<Cell.State>? {
    guard noise.isEmpty, norms == nil, let linear = cell as? any LinearCell, linear.isLinear else { return nil }
    return { scan, state in
      let run = scan.run(linear, state.tensors)
      return ScanResult(
        outputs: run.outputs, last: state.replacingTensors(run.last),
        states: run.states.isEmpty ? nil : state.replacingTensors(run.states))
    }
  }

  private typealias Parts = (outputs: Tensor, last: [Tensor], states: [Tensor])

  private func run<Cell: LinearCell>(_ cell: Cell, _ parts: [Tensor]) -> Parts {
    let window = Window(self, cell.project(input), earlier: parts.count > 2 ? parts[2].chunks(cell.window - 1, axis: -1) : [])
    let inputs = cell.combine(window.inputs)
    let (a, b) = cell.coefficients(inputs)
    let memories = Tensor.linearRecurrence(
      a, b, from: parts.count == 1 ? parts[0] : parts[1], isReversed: isReversed, isComplex: cell.isComplex, mask: mask)
    if parts.count == 1 {
      let outputs = visible(memories)
      return (outputs, [last(of: memories)], keepsStates ? [outputs] : [])
    }
    let results = cell.output(memories, inputs)
    let outputs = visible(results)
    let past = window.held.isEmpty ? [] : [Tensor.concatenate(window.held, axis: -1)]
    return (
      outputs, [last(of: held(results, from: parts[0])), last(of: memories)] + past.map(last),
      keepsStates ? [outputs] + ([memories] + past).map(visible) : []
    )
  }

  /// The sequence, with zeros where a row does not take part.
  private func visible(_ x: Tensor) -> Tensor { mask.map { Tensor.select($0, x, Tensor(0, x.type)) } ?? x }

  private func last(of x: Tensor) -> Tensor { x[isReversed ? 0 : x.shape[0] - 1] }

  /// The latest value of each row: a step that a row does not take part in has that of the step before it.
  private func held(_ x: Tensor, from start: Tensor) -> Tensor {
    guard let mask else { return x }
    let keeps = Tensor.select(mask, Tensor(0, x.type), Tensor(1, x.type))
    return Tensor.linearRecurrence(keeps, visible(x), from: start, isReversed: isReversed)
  }

  /// The sequence one step later.
  private func later(_ x: Tensor, from start: Tensor) -> Tensor {
    let (count, start) = (x.shape[0], start.expandingAxis(0))
    return Tensor.concatenate(isReversed ? [x[1...], start] : [start, x[..<(count - 1)]], axis: 0)
  }

  /// The latest inputs of every step.
  private struct Window {
    /// Side by side, the oldest first.
    private(set) var inputs: Tensor
    /// The latest inputs after each step but the oldest one, the oldest first.
    private(set) var held: [Tensor] = []

    init(_ scan: Scan, _ projected: Tensor, earlier: [Tensor]) {
      inputs = projected
      if earlier.isEmpty { return }
      var (pieces, newest) = ([projected], projected)
      for start in earlier.reversed() {
        let latest = scan.held(newest, from: start)
        held.insert(latest, at: 0)
        newest = scan.later(latest, from: start)
        pieces.insert(newest, at: 0)
      }
      inputs = Tensor.concatenate(pieces, axis: -1)
    }
  }
}
