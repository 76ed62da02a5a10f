internal import UnrollArrays
internal import UnrollAutograd

extension Scan {
  /// Runs the whole sequence as one operation, with the compiled program of the cell's step; nil if the step has none.
  func fused<Cell: RecurrentCell>(
    _ cell: Cell, from state: Cell.State, _ traces: StepTraces<Cell>
  ) -> ScanResult<Cell.State>? {
    let (batch, parts) = (input.shape[1], state.tensors)
    guard
      case .success(let step) = traces.step(
        cell, input: [batch, input.shape[2]], state: state, draws: noise.map { Shape($0.shape.dropFirst()) },
        factors: hiddenFactors?.shape, input.type, saysCotangents: norms != nil)
    else { return nil }
    let (matrices, rows) = step.prepared(cell.tensors)
    let inputs = [input] + parts + matrices + rows + (norms.map { [$0] } ?? [])
    let isRecorded = inputs.contains(where: \.isRecorded)
    let draws = noise.map(\.array) + (hiddenFactors.map { [$0.array.expandingAxis(0)] } ?? [])
    let operation = ProgramScan(
      name: "\(Cell.self) over a sequence", cell: cell, step: step, isReversed: isReversed, mask: mask,
      active: mask.map { ActiveRows($0) }, draws: draws, keepsStates: keepsStates, segment: segment, isRecorded: isRecorded)
    let results = operation.results(inputs)
    let last = state.replacingTensors(Array(results[1..<(1 + parts.count)]))
    let states = keepsStates ? state.replacingTensors([results[0]] + results[(1 + parts.count)...]) : nil
    return ScanResult(outputs: results[0], last: last, states: states)
  }
}

/// A whole sequence through one cell as one operation. Its inputs are x, the parts of the state, and the matrices and rows of
/// the step's program. Its outputs are the outputs of all steps, the last state and, on request, the other parts of the state
/// at all steps.
///
/// Higher derivatives and tangents come from the same steps, run operation by operation.
///
/// An optional last input is a probe: its value is not used, and its cotangent returns the norms of the cotangents of the
/// states. The norms are thus ordinary results of the backward walk that the caller started.
struct ProgramScan: Fused {
  static var mixesTypes: Bool { true }

  let name: String
  let cell: any RecurrentCell
  let step: TracedStep
  let isReversed: Bool
  let mask: Mask?
  let active: ActiveRows?
  /// The random draws, `[time, batch, width]` or `[1, batch, width]` each.
  let draws: [NDArray]
  let keepsStates: Bool
  let segment: Int?
  let isRecorded: Bool

  private var program: StepProgram { step.program }
  private var partCount: Int { program.stateWidths.count }
  private var matrixCount: Int { step.matrices.count }
  private var inputCount: Int { 1 + partCount + matrixCount + step.rows.count }

  private func keeping(_ steps: Int, _ batch: Int) -> ProgramSequence.Keeping {
    if isRecorded && segment == nil { return .everything }
    if keepsStates { return .states }
    return .edges(every: segment ?? ProgramSequence.stepsAtOnce(steps, batch))
  }

  private func segmentLength(_ steps: Int, _ batch: Int) -> Int {
    switch keeping(steps, batch) {
    case .everything: ProgramSequence.segmentLength(steps, batch)
    case .states: ProgramSequence.segmentLength(steps, batch)
    case .edges(let length): min(length, steps)
    }
  }

  private func weights(_ inputs: [NDArray]) -> ProgramSequence.Weights {
    let (first, rows) = (1 + partCount, 1 + partCount + matrixCount)
    let parameters = inputs[rows..<(rows + step.rows.count)]
    return ProgramSequence.Weights(program, matrices: Array(inputs[first..<rows]), parameters: Array(parameters))
  }

  func forward(_ inputs: [NDArray]) -> Values {
    let x = SequenceRows(inputs[0])
    let sequence = ProgramSequence(
      program, x, weights(inputs), from: Array(inputs[1..<(1 + partCount)]), isReversed: isReversed, active: active,
      draws: draws, keeping: keeping(x.steps, x.batch))
    let further = keepsStates ? (1..<max(1, partCount)).map { sequence.all($0) } : []
    return Values(
      [sequence.outputs] + (0..<partCount).map { sequence.last($0) } + further,
      residuals: isRecorded ? sequence.residuals : [])
  }

  /// The norms of cotangents that may be differentiated again are not computed: NaN.
  func otherCotangents(_ context: Context) -> [Tensor?] {
    norms(context) { .full(context.shape(inputCount), .nan, .float64) }
  }

  func cotangents(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    let inputs = (0..<inputCount).map { context.input($0) }
    let arrays = inputs.map(\.array)
    let x = SequenceRows(arrays[0])
    let sequence = ProgramSequence(
      program,
      residuals: (0..<(partCount + (program.hasRecords && isRecorded && segment == nil ? 1 : 0))).map(context.residual),
      isReversed: isReversed, active: active, draws: draws, segmentLength: segmentLength(x.steps, x.batch))
    let further = (0..<partCount).map { part -> NDArray? in
      part == 0 ? g[0]?.array : keepsStates ? g[partCount + part]?.array : nil
    }
    let given = ProgramSequence.Cotangents(states: further, last: (0..<partCount).map { g[1 + $0]?.array })
    let first = 1 + partCount
    let wanted = ProgramSequence.Wanted(
      input: context.wants(0), state: program.saysCotangents || (1...partCount).contains(where: context.wants),
      matrices: (0..<matrixCount).map { context.wants(first + $0) },
      parameters: (0..<step.rows.count).map { context.wants(first + matrixCount + $0) })
    let gradient = sequence.backward(given, x, weights(arrays), wanted)
    let state = (0..<partCount).map { context.wants(1 + $0) ? gradient.state[$0] : nil }
    let rows = zip(gradient.parameters, arrays[(first + matrixCount)...]).map { g, x in g.map { $0.reshaped(x.shape) } }
    let cotangents = ([gradient.input] + state + gradient.matrices + rows).map { $0.map { Tensor($0) } }
    return Few(cotangents + norms(context) { gradient.norms.map { Tensor($0) } })
  }

  /// The cotangent of the norm probe, if there is one; NaN if the backward walk does not compute norms.
  private func norms(_ context: Context, _ norms: () -> Tensor?) -> [Tensor?] {
    context.inputCount == inputCount ? [] : [context.wants(inputCount) ? norms() : nil]
  }

  /// The same results from plain operations.
  func reference(_ inputs: [Tensor], _: Context) -> [Tensor] {
    let (xs, prepared) = (inputs[0].unstacked(), Array(inputs[(1 + partCount)...]))
    let draws = draws.map { Tensor($0).unstacked() }
    let masks = mask?.steps
    var state = Array(inputs[1..<(1 + partCount)])
    var outputs = [[Tensor]](repeating: xs, count: keepsStates ? partCount : 1)
    for t in isReversed ? Array(xs.indices.reversed()) : Array(xs.indices) {
      let next = step.step(prepared, [xs[t]] + state + draws.map { $0.count == 1 ? $0[0] : $0[t] })
      for part in outputs.indices {
        outputs[part][t] = masks.map { Tensor.select($0[t], next[part], Tensor(0, next[part].type)) } ?? next[part]
      }
      // Before a row's sequence begins and after it ends, its state does not change.
      state = masks.map { masks in zip(next, state).map { Tensor.select(masks[t], $0, $1) } } ?? next
    }
    return [Tensor.stack(outputs[0])] + state + outputs.dropFirst().map { Tensor.stack($0) }
  }
}
