import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTraining

/// Every cell and every modifier, in a layer with any options: a call, a call in training, all states, single steps, prepared steps and
/// the cell alone, each against the cell step by step.
let cellEntrances: [Entrance] = [
  cell("LSTMCell") { LSTMCell($1, $2, bias: $0.flag("bias"), $3, using: &$4) },
  cell("LSTMCell of other activations") { m, inputs, hidden, type, generator in
    var cell = LSTMCell(inputs, hidden, type, using: &generator)
    cell.activations = GateActivations(gate: .hardSigmoid(), candidate: .softsign)
    return cell
  },
  cell("PeepholeLSTMCell") { PeepholeLSTMCell($1, $2, bias: $0.flag("bias"), $3, using: &$4) },
  cell("LayerNormLSTMCell") { m, inputs, hidden, type, generator in
    LayerNormLSTMCell(
      inputs, hidden, bias: m.flag("bias"), memory: m.pick("memory", [.raw, .normalized]), epsilon: 0.1, type,
      using: &generator)
  },
  cell("GateNormLSTMCell") { GateNormLSTMCell($1, $2, epsilon: 0.1, $3, using: &$4) },
  cell("ProjectedLSTMCell") {
    ProjectedLSTMCell($1, $2, memory: $0.integer("memory", $2), bias: $0.flag("bias"), $3, using: &$4)
  },
  cell("CoupledLSTMCell") { CoupledLSTMCell($1, $2, peepholes: $0.flag("peepholes"), $3, using: &$4) },
  cell("GRUCell") { GRUCell($1, $2, bias: $0.flag("bias"), reset: $0.pick("reset", [.before, .after]), $3, using: &$4) },
  cell("LayerNormGRUCell") { LayerNormGRUCell($1, $2, bias: $0.flag("bias"), epsilon: 0.1, $3, using: &$4) },
  cell("RNNCell") { m, inputs, hidden, type, generator in
    let activations: [Activation] = [.tanh, .relu, .sigmoid, .identity, .softsign]
    return RNNCell(
      inputs, hidden, bias: m.flag("bias"), activation: activations[m.extent(0...4)], type, using: &generator)
  },
  cell("LayerNormRNNCell") { LayerNormRNNCell($1, $2, bias: $0.flag("bias"), epsilon: 0.1, $3, using: &$4) },
  cell("MGUCell") { MGUCell($1, $2, bias: $0.flag("bias"), reset: $0.pick("reset", [.before, .after]), $3, using: &$4) },
  cell("IndRNNCell") { IndRNNCell($1, $2, bias: $0.flag("bias"), $3, using: &$4) },
  cell("JANETCell") { JANETCell($1, $2, bias: $0.flag("bias"), $3, using: &$4) },
  cell("LiGRUCell") { LiGRUCell($1, $2, bias: $0.flag("bias"), $3, using: &$4) },
  cell("AntisymmetricRNNCell") { AntisymmetricRNNCell($1, $2, gated: $0.flag("gated"), stepSize: 0.1, $3, using: &$4) },
  cell("CoRNNCell") { CoRNNCell($1, $2, damping: $0.pick("damping", [.explicit, .implicit]), $3, using: &$4) },
  cell("LEMCell") { LEMCell($1, $2, bias: $0.flag("bias"), $3, using: &$4) },
  cell("MinGRUCell") { MinGRUCell($1, $2, bias: $0.flag("bias"), isPositive: $0.flag("positive"), $3, using: &$4) },
  cell("MinLSTMCell") { MinLSTMCell($1, $2, bias: $0.flag("bias"), isNormalized: $0.flag("normalised"), $3, using: &$4) },
  cell("SRUCell") { SRUCell($1, $2, peepholes: $0.flag("peepholes"), $3, using: &$4) },
  cell("QRNNCell") {
    QRNNCell(
      $1, $2, pooling: $0.pick("pooling", [.forget, .output, .input]), window: $0.count("window", in: 1...3), $3, using: &$4)
  },
  cell("RGLRUCell") { RGLRUCell($1, $2, heads: $0.integer("heads", 1), $3, using: &$4) },
  cell("LRUCell") { LRUCell($1, $2, memory: $0.count("memory", in: 1...5), $3, using: &$4) },
  cell("SLSTMCell") { SLSTMCell($1, $2, heads: $0.integer("heads", 1), $3, using: &$4) },
  cell("MLSTMCell") { MLSTMCell($1, $2, heads: $0.integer("heads", 1), $3, using: &$4) },
  cell("CfCCell") { m, inputs, hidden, type, generator in
    // A gap alone is no input.
    m.mayStop()
    let form = m.pick("form", [CfCCell.Form.gated, .ungated])
    return CfCCell(inputs, hidden, units: m.flag("layer") ? [3] : [], form: form, type, using: &generator)
  },
  cell("GRUDCell") { m, inputs, hidden, type, generator in
    m.mayStop()
    return GRUDCell(inputs, hidden, type, using: &generator)
  },
  cell("Orthogonal") { Orthogonal(RNNCell($1, $2, $3, using: &$4), map: $0.pick("map", [.exponential, .cayley])) },
  cell("Decaying") { m, inputs, hidden, type, generator in
    m.mayStop()
    return Decaying(GRUCell(inputs > 1 ? inputs - 1 : 0, hidden, type, using: &generator))
  },
  cell("Zoneout") { m, inputs, hidden, type, generator in
    Zoneout(
      LSTMCell(inputs, hidden, type, using: &generator), hidden: m.number("rate", in: 0...1),
      memory: m.number("rate", in: 0...1))
  },
  cell("Zoneout of another cell") { m, inputs, hidden, type, generator in
    Zoneout(GRUCell(inputs, hidden, type, using: &generator), hidden: m.number("rate", in: 0...1))
  },
  cell("MemoryZoneout") { m, inputs, hidden, type, generator in
    MemoryZoneout(
      PeepholeLSTMCell(inputs, hidden, type, using: &generator), hidden: m.number("rate", in: 0...1),
      memory: m.number("rate", in: 0...1))
  },
  cell("MemoryClipped") { MemoryClipped(LSTMCell($1, $2, $3, using: &$4), bound: $0.number("bound", in: 0.1...2)) },
  cell("WeightDropped") { m, inputs, hidden, type, generator in
    WeightDropped(LSTMCell(inputs, hidden, type, using: &generator), rate: m.number("rate", in: 0...0.9))
  },
  cell("WeightDropped around more") { m, inputs, hidden, type, generator in
    let inner = LayerNormLSTMCell(inputs, hidden, epsilon: 0.1, type, using: &generator)
    return WeightDropped(
      Zoneout(MemoryClipped(inner, bound: m.number("bound", in: 0.1...2)), hidden: 0.3, memory: m.number("rate", in: 0...1)),
      rate: m.number("rate", in: 0...0.9))
  },
]

private typealias Make<Cell> = @Sendable (inout Mischief, Int, Int, ElementType, inout Generator) -> Cell

private func cell<Cell: RecurrentCell>(_ name: String, _ make: @escaping Make<Cell>) -> Entrance {
  Entrance(name) { m in
    var trial = RecurrentTrial(&m, make)
    trial.run(&m)
  }
}

/// A cell without a faster way than step by step.
private struct SteppedCell<Cell: RecurrentCell>: ModifiedCell {
  var cell: Cell
}

/// A layer, and what it is called with.
private struct RecurrentTrial<Cell: RecurrentCell> {
  var layer: Recurrent<Cell>
  let x: Tensor
  var state: Recurrent<Cell>.State?
  let lengths: [Int]?
  let mask: Mask?

  init(_ m: inout Mischief, _ make: Make<Cell>) {
    let (inputs, batch, steps) = (m.extent(1...5), m.extent(1...4), m.extent(1...6))
    let type = m.type
    let sizes = (0..<m.extent(1...2)).map { _ in m.integer("hidden", in: 1...6) }
    var generator = m.generator()
    let (bidirectional, isTimeFirst) = (m.chance(3), m.flag("time first"))
    let merges: [Recurrent<Cell>.Merge] = [.concatenate, .sum, .average, .multiply]
    let merge = bidirectional ? m.pick("merge", merges) : .concatenate
    layer = Recurrent(m.integer("inputs", inputs), sizes, bidirectional: bidirectional, merge: merge, isTimeFirst: isTimeFirst)
    {
      make(&m, $0, $1, type, &generator)
    }
    if !bidirectional, m.chance(3) { layer.isReversed = true }
    if m.chance(3) { layer.dropout = m.number("dropout", in: 0...0.9) }
    if m.chance(3) { layer.recurrentDropout = m.number("recurrent dropout", in: 0...0.9) }
    if m.chance(3) { layer.checkpointInterval = m.integer("interval", in: 1...4) }
    if m.chance(4) { layer = layer.learningInitialState() }
    m.damage(&layer)
    let unbatched = m.chance(8)
    let rows = unbatched ? 1 : batch
    x = m.tensor("x", unbatched ? [steps, inputs] : isTimeFirst ? [steps, rows, inputs] : [rows, steps, inputs])
    lengths = m.chance(3) ? m.lengths("lengths", rows, in: 1...steps) : nil
    mask =
      lengths == nil && m.chance(3)
      ? m.mask("mask", unbatched ? [steps] : isTimeFirst ? [steps, rows] : [rows, steps]) : nil
    if m.chance(2) {
      let zero = layer.initialState(batch: m.integer("rows of the state", rows), type)
      var tensors = zero.tensors.map { Tensor.full($0.shape, 0.25, $0.type) }
      if unbatched { tensors = tensors.map { $0.shape[0] == 1 ? $0.squeezingAxis(0) : $0 } }
      var given = zero.replacingTensors(tensors)
      m.damage(&given)
      if m.integer("cells of the state", 1) != 1 { given.cells.append(given.cells[0]) }
      state = given
    }
  }

  mutating func run(_ m: inout Mischief) {
    switch m.pick("way", ["call", "training", "trajectory", "prepared", "next", "cell", "hooked"]) {
    case "call":
      let (model, input) = (layer, x)
      let (start, lengths, mask) = (state, lengths, mask)
      let (outputs, last) = layer(x, from: state, lengths: lengths, mask: mask)
      m.accepted()
      let stepped = slow(layer)(x, from: state, lengths: lengths, mask: mask)
      compare(m, [outputs] + last.tensors, [stepped.outputs] + stepped.state.tensors)
      m.differentiate(Two(first: model, second: Two(first: input, second: start))) { a in
        a.first(a.second.first, from: a.second.second, lengths: lengths, mask: mask).outputs
      }
    case "training":
      var (first, second) = (Generator(seed: 3), Generator(seed: 3))
      let (outputs, last) = layer(x, from: state, lengths: lengths, mask: mask, using: &first)
      m.accepted()
      let stepped = slow(layer)(x, from: state, lengths: lengths, mask: mask, using: &second)
      compare(m, [outputs] + last.tensors, [stepped.outputs] + stepped.state.tensors)
      m.expect(first == second, "the generators have been used differently")
    case "trajectory":
      let (outputs, states) = layer.trajectory(x, from: state, lengths: lengths, mask: mask)
      m.accepted()
      let stepped = slow(layer).trajectory(x, from: state, lengths: lengths, mask: mask)
      compare(m, [outputs] + states.tensors, [stepped.outputs] + stepped.states.tensors)
    case "prepared", "next":
      steps(&m)
    case "hooked":
      let bound = m.number("bound", in: 0.1...2)
      let (lengths, mask, start) = (lengths, mask, state)
      let hooked = layer.clippingCotangents(m.chance(2) ? .norm(bound) : .value(bound))
      m.differentiate(Two(first: hooked, second: x)) { $0.first($0.second, from: start, lengths: lengths, mask: mask).outputs }
    default:
      m.mayStop()
      let cell = layer.forward[0]
      let rows = x.rank > 0 ? x.shape[0] : 1
      let next = cell(x, from: state?.cells.first ?? cell.initialState(batch: rows, m.type))
      m.note("a step of shape \(next.hidden.shape)")
    }
  }

  /// One step of the network, as it is prepared for it and as it is, from the same inputs and state.
  private func steps(_ m: inout Mischief) {
    if layer.isBidirectional || layer.isReversed || x.rank != 3 { m.mayStop() }
    let input = x.rank == 3 ? (layer.isTimeFirst ? x[0] : x[.all, 0]) : x
    let rows = input.rank > 0 ? input.shape[0] : 1
    if state.map({ $0.cells.first?.hidden.shape[0] != rows || $0.cells.first?.hidden.rank != 2 }) ?? false { m.mayStop() }
    let stream = layer.prepared()
    let start = state ?? stream.initialState(batch: rows, m.type)
    var (first, second) = (start, start)
    let found = stream(input, state: &first)
    m.accepted()
    // A sequence has rows; a step may have none.
    if rows == 0 { return m.expect(found.shape[0] == 0, "\(found.shape[0]) rows of output for none") }
    let expected = layer.next(input, state: &second)
    compare(m, [found] + first.tensors, [expected] + second.tensors)
  }

  private func slow(_ layer: Recurrent<Cell>) -> Recurrent<SteppedCell<Cell>> {
    let merge: Recurrent<SteppedCell<Cell>>.Merge =
      switch layer.merge {
      case .concatenate: .concatenate
      case .sum: .sum
      case .average: .average
      case .multiply: .multiply
      }
    var slow = Recurrent<SteppedCell<Cell>>(
      forward: layer.forward.map { SteppedCell(cell: $0) }, backward: layer.backward.map { SteppedCell(cell: $0) },
      merge: merge, isTimeFirst: layer.isTimeFirst, isReversed: layer.isReversed)
    slow.initial = layer.initial
    slow.dropout = layer.dropout
    slow.recurrentDropout = layer.recurrentDropout
    return slow
  }

  private func compare(_ m: Mischief, _ found: [Tensor], _ expected: [Tensor]) {
    m.expect(found.count == expected.count, "\(found.count) results instead of \(expected.count)")
    for (i, (a, b)) in zip(found, expected).enumerated() {
      m.expect(isNear(a, b), "result \(i) is \(a) instead of \(b), as step by step")
    }
  }
}
