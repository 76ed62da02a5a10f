internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollNetworks

/// One forward and one backward pass of a network that yields the cotangents of all states. Fused cells report the norms
/// directly. The passes run step by step if a cell is not fused, if parameters are divided by step, or to locate a number that
/// is not finite.
struct FlowMeasurement<Cell: RecurrentCell> {
  let network: Recurrent<Cell>
  let x: Tensor
  let lengths: [Int]?
  let rows: Int
  private let state: Recurrent<Cell>.State?
  private let dividesParameters: Bool
  private let steps: Int

  init(
    _ network: Recurrent<Cell>, _ x: Tensor, _ state: Recurrent<Cell>.State?, _ lengths: [Int]?, _ dividesParameters: Bool
  ) {
    (steps, rows) = network.extent(of: x, "GradientFlow")
    self.network = network
    self.x = x.detached()
    // A learned state comes from the network's parameters; any other state is a constant.
    self.state = state ?? (network.initial.isEmpty && x.rank == 3 ? network.initialState(batch: rows, x.type) : nil)
    self.lengths = lengths
    self.dividesParameters = dividesParameters
  }

  func flow(of loss: (Tensor) throws -> Tensor) rethrows -> GradientFlow {
    if !dividesParameters, let flow = try fusedFlow(of: loss) { return flow }
    return try steppedFlow(of: loss)
  }

  /// Measures step by step; the reference for the faster way.
  func steppedFlow(of loss: (Tensor) throws -> Tensor) rethrows -> GradientFlow {
    let (log, given) = (StepLog<Cell.State>(cellCount: network.layerCount * network.directionCount), startingState)
    var cells: [[WatchedStep<Cell.State>]] = []
    let (value, watched, gradient) = try watchedGradient(at: Two(first: network, second: given)) { both in
      let run = both.first.watched(log, dividingParameters: dividesParameters)
      let outputs = run(x, from: both.second, lengths: lengths).outputs
      cells = log.take()
      return (try loss(outputs), cells.flatMap(watchedTensors))
    }
    var cotangents = watched[...]
    var states: [[[Tensor?]]] = []
    var parts: [[[Tensor?]]] = []
    for cell in cells {
      let width = cell[0].after.tensors.count
      states.append((0...cell.count).map { _ in take(width, &cotangents) })
      parts.append(cell.map { take($0.parameters.count, &cotangents) })
    }
    return GradientFlow(
      loss: value.item, traces: traces(cells, states), parameters: parameterNorms(gradient.first, parts),
      firstNonFinite: NonFiniteSearch(network: network, input: x, steps: cells).first(
        loss: value, states: states, gradient: gradient.first))
  }

  /// The state to start from, in the network's own layout; nil if it is learned.
  var startingState: Recurrent<Cell>.State? {
    if state != nil || !network.initial.isEmpty { return state }
    return network.initialState(batch: 1, x.type).mappingTensors { $0.squeezingAxis(0) }
  }

  private func watchedTensors(_ steps: [WatchedStep<Cell.State>]) -> [Tensor] {
    steps[0].before.tensors + steps.flatMap { $0.after.tensors } + steps.flatMap(\.parameters)
  }

  private func take(_ count: Int, _ tensors: inout ArraySlice<Tensor?>) -> [Tensor?] {
    defer { tensors = tensors.dropFirst(count) }
    return Array(tensors.prefix(count))
  }

  private func traces(_ cells: [[WatchedStep<Cell.State>]], _ cotangents: [[[Tensor?]]]) -> [FlowTrace] {
    cells.indices.flatMap { position in
      cells[position][0].after.partNames.enumerated().map { part, name in
        let norms = cotangents[position].enumerated().map { step, state in
          taking(part: state[part]?.rowNorms(rows), after: step, position)
        }
        return trace(norms, part: name, position)
      }
    }
  }

  /// The trace of one part of the state of the cell at a position, from the norms of the rows that take part.
  func trace(_ norms: [[Double]], part: String, _ position: Int) -> FlowTrace {
    FlowTrace(
      layer: position / network.directionCount, isBackward: position % network.directionCount == 1, part: part,
      mean: norms.map(mean), least: norms.map { extreme($0, $0.min()) }, greatest: norms.map { extreme($0, $0.max()) })
  }

  /// The smallest or largest of some norms; NaN if there are none or one of them is NaN, which comparisons would skip.
  private func extreme(_ norms: [Double], _ found: Double?) -> Double {
    norms.contains(where: \.isNaN) ? .nan : found ?? .nan
  }

  private func mean(_ norms: [Double]) -> Double {
    norms.isEmpty ? .nan : norms.reduce(0) { $0 + $1 / Double(norms.count) }
  }

  /// The norms of the rows whose sequence includes the state.
  func taking(part norms: [Double]?, after step: Int, _ position: Int) -> [Double] {
    let norms = norms ?? Array(repeating: 0, count: rows)
    guard let lengths, step > 0 else { return norms }
    let isReversed = network.isReversed || position % network.directionCount == 1
    let time = isReversed ? steps - step : step - 1
    return zip(norms, lengths).filter { time < $1 }.map(\.0)
  }

  func parameterNorms(_ gradient: Recurrent<Cell>, _ parts: [[[Tensor?]]] = []) -> [ParameterFlow] {
    var owners: [String: (cell: Cell, position: Int, index: Int, name: String)] = [:]
    for (direction, (group, cells)) in [("forward", network.forward), ("backward", network.backward)].enumerated() {
      for (layer, cell) in cells.enumerated() {
        for (index, (name, _)) in cell.parameters.enumerated() {
          owners["\(group).\(layer).\(name)"] = (cell, layer * network.directionCount + direction, index, name)
        }
      }
    }
    return gradient.parameters.map { name, tensor in
      let owner = owners[name]
      let blocks = owner.flatMap { owner in
        (owner.cell.innermost as? any GatedCell)?.gateBlocks(of: owner.name, tensor)
      }
      return ParameterFlow(
        name: name, norm: tensor.norm64, gates: (blocks ?? []).map { .init(gate: $0.gate, norm: $0.values.norm64) },
        steps: dividesParameters ? owner.map { owner in parts[owner.position].map { $0[owner.index]?.norm64 ?? 0 } } ?? [] : [])
    }
  }
}

extension FlowMeasurement {
  /// Measures with fused cells, as in training: backward over whole sequences reports the norms. Returns nil if a number is not
  /// finite.
  func fusedFlow(of loss: (Tensor) throws -> Tensor) rethrows -> GradientFlow? {
    guard network.saysNorms(for: x) else { return nil }
    let given = Two(first: Two(first: network, second: startingState), second: network.normProbes(for: x))
    let (value, gradient) = try valueAndGradient(at: given.mappingTensors { $0.detached() }, allowingNoPath: true) { all in
      try loss(all.first.first.outputs(x, from: all.first.second, lengths: lengths, norms: all.second))
    }
    let parameters = parameterNorms(gradient.first.first)
    guard x.isFinite, value.isFinite, parameters.allSatisfy(\.norm.isFinite), gradient.second.allSatisfy(\.isFinite) else {
      return nil
    }
    let traces = gradient.second.enumerated().flatMap { position, norms in
      let names = network.cell(at: position).initialState(batch: 1, x.type).partNames
      return zip(names, norms.unstacked()).map { name, part in
        let steps = part.unstacked().enumerated().map { step, rows in
          taking(part: rows.array.scalars(as: Double.self), after: step, position)
        }
        return trace(steps, part: name, position)
      }
    }
    return GradientFlow(loss: value.item, traces: traces, parameters: parameters, firstNonFinite: nil)
  }
}

/// The 2-norm in float64. It is scaled so that no square overflows or underflows, because tiny gradients are what is measured.
func euclideanNorm(_ values: some Collection<Double>) -> Double {
  let largest = values.reduce(0) { $1.isNaN || $0.isNaN ? .nan : max($0, abs($1)) }
  if largest == 0 || !largest.isFinite { return largest }
  // Division instead of multiplication with a reciprocal, which overflows for a subnormal number.
  return largest * values.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }.squareRoot()
}

extension Tensor {
  var norm64: Double { array.cast(to: .float64).norm().item }

  /// The norm of each row.
  func rowNorms(_ rows: Int) -> [Double] {
    let numbers = array.scalars(as: Double.self)
    let width = numbers.count / rows
    return (0..<rows).map { euclideanNorm(numbers[($0 * width)..<(($0 + 1) * width)]) }
  }

  var isFinite: Bool { array.norm(order: .infinity).item.isFinite }
}

/// The natural logarithm of each number.
func logarithms(_ values: [Double]) -> [Double] { NDArray(values).log().scalars() }
func exponential(_ value: Double) -> Double { NDArray(value, .float64).exp().item }
