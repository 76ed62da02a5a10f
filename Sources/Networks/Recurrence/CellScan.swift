internal import UnrollArrays
internal import UnrollAutograd

/// A cell whose way through a sequence heeds the zoneout that a scan asks for.
protocol ZonedCell: RecurrentCell {}

/// A cell whose steps have kernels of their own.
protocol FusedCell: ZonedCell {
  /// The kernels, or nil where this cell's choices have none.
  var stepRule: StepRule? { get }

  /// The cell's parameters by their roles; they are visited in the order input, recurrent, bias, extra.
  var stepWeights: StepWeights { get }
}

extension FusedCell {
  /// A whole sequence as one operation, or nil where that cannot be.
  func fusedScan(_ scan: Scan, from state: State) -> ScanResult<State>? {
    guard let rule = stepRule, scan.hiddenFactors == nil else { return nil }
    // A step that keeps no gates cannot find again what it computed before some of its numbers stayed as they were.
    // Nor can peepholes, which look at the memory from before that.
    let zones = rule.keepsGates && rule != .peepholeLSTM
    guard scan.zoneoutRates.isEmpty ? scan.noise.isEmpty : zones else { return nil }
    checkParameters()
    requireFit(scan.input, state)
    let inputs = [scan.input] + state.tensors + tensors
    let operation = CellScan(
      cell: mappingTensors { $0.detached() }, state: state.mappingTensors { $0.detached() }, rule: rule,
      plan: ScanPlan(scan, isRecorded: inputs.contains(where: \.isRecorded)))
    let results = operation.results(inputs)
    let last = state.replacingTensors(Array(results[1..<(1 + state.tensors.count)]))
    let cells = results.count > 1 + state.tensors.count ? Array(results[(1 + state.tensors.count)...]) : []
    return ScanResult(
      outputs: results[0], last: last, states: scan.keepsStates ? state.replacingTensors([results[0]] + cells) : nil)
  }
}

extension FusedCell {
  /// Stops where inputs or states are not such as the kernels read, of a cell whose parameters fit one another.
  private func requireFit(_ input: Tensor, _ state: State) {
    let weights = tensors[0]
    require(
      input.shape[2] == weights.shape[0],
      "\(Self.self): inputs of \(input.shape[2]) features do not fit weights of shape \(weights.shape)")
    for tensor in state.tensors {
      require(
        tensor.shape == [input.shape[1], hiddenSize],
        "\(Self.self): a state of shape \(tensor.shape) does not fit \(input.shape[1]) rows of \(hiddenSize) features")
    }
    for tensor in [input] + state.tensors {
      require(
        tensor.type == weights.type, "\(Self.self): \(weights.type) and \(tensor.type) do not mix; cast one of them")
    }
  }
}

/// What a scan does beside its numbers.
struct ScanPlan: Sendable {
  let isReversed: Bool
  let mask: Mask?
  let active: ActiveRows?
  let zoneoutRates: [Double]
  let noise: [Tensor]
  let keepsStates: Bool
  let segment: Int?
  let isRecorded: Bool

  init(_ scan: Scan, isRecorded: Bool) {
    isReversed = scan.isReversed
    mask = scan.mask
    active = scan.mask.map { ActiveRows($0) }
    zoneoutRates = scan.zoneoutRates
    noise = scan.noise.map { $0.detached() }
    keepsStates = scan.keepsStates
    segment = scan.segment
    self.isRecorded = isRecorded
  }

  /// How much of the states of so many rows stays: as it was drawn, or in the mean.
  func zones(_ batch: Int, _ hidden: Int, _ type: ElementType) -> Zones? {
    if zoneoutRates.isEmpty { return nil }
    var draws = noise.makeIterator()
    let parts = zoneoutRates.map { rate in
      rate == 0 ? nil : draws.next()?.array ?? NDArray.full([1, batch, hidden], rate, type)
    }
    return Zones(hidden: parts[0], cell: parts.count > 1 ? parts[1] : nil)
  }

  func keeping(_ steps: Int, _ batch: Int) -> RecurrentSequence.Keeping {
    if isRecorded && segment == nil { return .everything }
    if keepsStates { return .cells }
    return .edges(every: segment ?? RecurrentSequence.stepsAtOnce(steps, batch))
  }

  func segmentLength(_ steps: Int, _ batch: Int) -> Int {
    if case .edges(let length) = keeping(steps, batch) { return min(length, steps) }
    return RecurrentSequence.segmentLength(steps, batch)
  }
}

/// A whole sequence through one cell as one operation: inputs x, the state, and the cell's parameters; outputs those of all steps, the
/// last state, and all memories where they are asked for.
///
/// Derivatives that are differentiated again, and tangents, come from the same sequence step by step.
struct CellScan<Cell: FusedCell>: Operation {
  let cell: Cell
  let state: Cell.State
  let rule: StepRule
  let plan: ScanPlan

  var name: String { "\(Cell.self) over a sequence" }
  private var stateCount: Int { rule.hasCell ? 2 : 1 }

  func forward(_ inputs: [NDArray]) -> Values {
    let (x, weights) = (inputs[0].contiguous(), weights(inputs.map { Tensor($0) }))
    let sequence = RecurrentSequence(
      rule, x, weights, hidden: inputs[1], cell: rule.hasCell ? inputs[2] : nil, isReversed: plan.isReversed,
      active: plan.active, zones: plan.zones(x.shape[1], cell.hiddenSize, x.type),
      keeping: plan.keeping(x.shape[0], x.shape[1]))
    let last = [sequence.lastHidden] + (sequence.lastCell.map { [$0] } ?? [])
    let cells = plan.keepsStates ? sequence.allCells.map { [$0] } ?? [] : []
    return Values([sequence.outputs] + last + cells, residuals: plan.isRecorded ? sequence.residuals : [])
  }

  func keeps(recorded: (Int) -> Bool) -> Keeps { .allInputs }

  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    let inputs = (0..<context.inputCount).map { context.input($0) }
    if (inputs + g.compactMap { $0 }).contains(where: \.isRecorded) {
      let given = g.enumerated().map { $1 ?? Tensor.zeros(context.outputShape($0), context.type) }
      return Few(UnrollAutograd.pullback(at: inputs, of: stepped).pullback(given))
    }
    let (x, weights) = (inputs[0].array.contiguous(), weights(inputs))
    let sequence = RecurrentSequence(
      rule, residuals: (0..<residualCount).map(context.residual), isReversed: plan.isReversed, active: plan.active,
      zones: plan.zones(x.shape[1], cell.hiddenSize, x.type), segmentLength: plan.segmentLength(x.shape[0], x.shape[1]))
    let given = RecurrentSequence.Cotangents(
      outputs: g[0]?.array, lastHidden: g[1]?.array, lastCell: rule.hasCell ? g[2]?.array : nil,
      cells: g.count > 1 + stateCount ? g[1 + stateCount]?.array : nil)
    let gradient = sequence.backward(given, x, weights, wanted(context, weights))
    let weightGradients = [gradient.inputWeight, gradient.recurrentWeight]
    let biases = (weights.hasBias ? [gradient.bias] : []) + (weights.hasExtra ? [gradient.extra] : [])
    let state = [gradient.hidden] + (rule.hasCell ? [gradient.cell] : [])
    return Few(([gradient.input] + state + weightGradients + biases).map { $0.map { Tensor($0) } })
  }

  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    let inputs = (0..<context.inputCount).map { context.input($0) }
    let directions = zip(inputs, t).map { $1 ?? Tensor.zeros($0.shape, $0.type) }
    return Few(tangent(at: inputs, along: directions, of: stepped).tangent)
  }

  private var residualCount: Int {
    let keepsGates = rule.keepsGates && plan.segment == nil
    return (rule.hasCell ? 2 : 1) + (keepsGates ? 1 : 0)
  }

  private func weights(_ inputs: [Tensor]) -> StepWeights {
    cell.replacingTensors(Array(inputs[(1 + stateCount)...])).stepWeights
  }

  private func wanted(_ context: Context, _ weights: StepWeights) -> RecurrentSequence.Wanted {
    let recurrent = 2 + stateCount
    return RecurrentSequence.Wanted(
      input: context.wants(0), state: (1...stateCount).contains(where: context.wants),
      inputWeight: context.wants(recurrent - 1), recurrentWeight: context.wants(recurrent),
      bias: weights.hasBias && context.wants(recurrent + 1),
      extra: weights.hasExtra && context.wants(recurrent + (weights.hasBias ? 2 : 1)))
  }

  /// The same results from plain operations.
  private func stepped(_ inputs: [Tensor]) -> [Tensor] {
    let cell = cell.replacingTensors(Array(inputs[(1 + stateCount)...]))
    let scan = Scan(
      input: inputs[0], mask: plan.mask, isReversed: plan.isReversed, noise: plan.noise, keepsStates: plan.keepsStates)
    let state = state.replacingTensors(Array(inputs[1..<(1 + stateCount)]))
    let result =
      plan.zoneoutRates.isEmpty
      ? scan.stepped(cell, from: state) : scan.stepped(Zoneout(cell, rates: plan.zoneoutRates), from: state)
    let states = result.states.map { Array($0.tensors.dropFirst()) } ?? []
    return [result.outputs] + result.last.tensors + states
  }
}
