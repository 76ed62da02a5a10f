import Testing
import UnrollArrays
import UnrollAutograd
import UnrollGradientFlow
import UnrollNetworks

/// What cells show of their steps, and how much of it is saturated.
@Suite struct GateTests {
  private let state = LSTMState(hidden: normal([3, 4], 1), cell: normal([3, 4], 2))
  private let x = normal([3, 2], 3)

  /// Activations that no kernel knows, none like another.
  private static let others = [
    GateActivations(gate: .hardSigmoid(slope: 0.3), candidate: .softsign, output: .scaledTanh(outer: 1.7, inner: 0.6)),
    GateActivations().clippingArguments(to: 0.4), GateActivations(candidate: .relu, output: .softsign),
  ]

  /// What is shown is what the step computes with, whatever the cell's activations: put together again it makes the next state.
  @Test func activationsMakeTheNextState() {
    for activations in [GateActivations()] + Self.others {
      var generator = Generator(seed: 1)
      var lstm = LSTMCell(2, 4, .float64, using: &generator)
      lstm.activations = activations
      checkMemory(lstm) { $0[1] * state.cell + $0[0] * $0[2] }
      var peephole = PeepholeLSTMCell(2, 4, .float64, using: &generator)
      peephole.peepholes = normal([3, 4], 4)
      peephole.activations = activations
      checkMemory(peephole) { $0[1] * state.cell + $0[0] * $0[2] }
      var normal = LayerNormLSTMCell(2, 4, .float64, using: &generator)
      normal.activations = activations
      checkMemory(normal, of: "LN(c)") { $0[1] * state.cell + $0[0] * $0[2] }
      var byGate = GateNormLSTMCell(2, 4, .float64, using: &generator)
      byGate.activations = activations
      checkMemory(byGate) { byGate.memoryNorm($0[1] * state.cell + $0[0] * $0[2]) }
      var projected = ProjectedLSTMCell(2, 4, memory: 4, .float64, using: &generator)
      projected.activations = activations
      checkMemory(projected, hidden: { ($0[3] * $0[4]).matmul(projected.projection) }) { $0[1] * state.cell + $0[0] * $0[2] }
      var coupled = CoupledLSTMCell(2, 4, peepholes: true, .float64, using: &generator)
      coupled.activations = activations
      checkMemory(coupled, hidden: { $0[2] * $0[3] }) { state.cell + $0[0] * ($0[1] - state.cell) }
    }
  }

  private func checkMemory<Cell: GatedCell>(
    _ cell: Cell, of memory: String = "c", hidden: ([Tensor]) -> Tensor = { $0[3] * $0[4] }, _ next: ([Tensor]) -> Tensor
  ) where Cell.State == LSTMState {
    let shown = cell.activations(cell.project(x), cell.recur(state.hidden), state)
    let (a, found) = (shown.map(\.values), cell(x, from: state))
    #expect(shown.dropLast().map(\.name) == cell.gates.names)
    #expect(["tanh \(memory)", "output of \(memory)"].contains(shown.last?.name))
    #expect(isClose(next(a), found.cell) && isClose(hidden(a), found.hidden), "\(Cell.self)")
  }

  @Test func activationsMakeTheNextOutput() {
    let h = state.hidden
    for activations in [GateActivations()] + Self.others.map({ GateActivations(gate: $0.gate, candidate: $0.candidate) }) {
      var generator = Generator(seed: 1)
      for reset in [GRUCell.Reset.before, .after] {
        var gru = GRUCell(2, 4, reset: reset, .float64, using: &generator)
        gru.activations = activations
        checkOutput(gru) { (1 - $0[1]) * $0[2] + $0[1] * h }
        var mgu = MGUCell(2, 4, reset: reset, .float64, using: &generator)
        mgu.activations = activations
        checkOutput(mgu) { (1 - $0[0]) * $0[1] + $0[0] * h }
      }
      var light = LiGRUCell(2, 4, .float64, using: &generator)
      light.activations = activations
      checkOutput(light) { (1 - $0[0]) * $0[1] + $0[0] * h }
      var normal = LayerNormGRUCell(2, 4, .float64, using: &generator)
      normal.activations = activations
      checkOutput(normal) { (1 - $0[1]) * $0[2] + $0[1] * h }
      checkOutput(RNNCell(2, 4, activation: activations.candidate, .float64, using: &generator)) { $0[0] }
      checkOutput(LayerNormRNNCell(2, 4, activation: activations.candidate, .float64, using: &generator)) { $0[0] }
      checkOutput(IndRNNCell(2, 4, activation: activations.gate, .float64, using: &generator)) { $0[0] }
    }
  }

  @Test func activationsOfJANET() {
    var generator = Generator(seed: 1)
    checkOutput(JANETCell(2, 4, margin: 0, .float64, using: &generator)) { $0[0] * state.hidden + (1 - $0[0]) * $0[1] }
  }

  private func checkOutput<Cell: GatedCell>(_ cell: Cell, _ next: ([Tensor]) -> Tensor) where Cell.State == HiddenState {
    let before = HiddenState(hidden: state.hidden)
    let shown = cell.activations(cell.project(x), cell.recur(before.hidden), before)
    #expect(shown.map(\.name) == cell.gates.names)
    #expect(isClose(next(shown.map(\.values)), cell(x, from: before).hidden), "\(Cell.self)")
  }

  private func isClose(_ a: Tensor, _ b: Tensor) -> Bool { a.array.isClose(to: b.array, relative: 1e-12, absolute: 1e-14) }

  @Test func gatesThatAreNoNumbersAreNotOpen() {
    var generator = Generator(seed: 1)
    let lstm = LSTM(2, 4, .float64, using: &generator)
    let poisoned = Tensor([0.1, .nan, 0.2, 0.3] as [Double], shape: [1, 2, 2])
    for gate in GateSaturation(of: lstm, on: poisoned).gates {
      #expect(gate.saturated.isNaN && gate.below.isNaN && gate.above.isNaN && gate.mean.isNaN, "\(gate.name)")
    }
  }

  @Test func aBiasOpensAGate() {
    let blocks = [0.0, 3, 0, -5].map { Tensor.full([4], $0, .float64) }
    let cell = LSTMCell(
      inputWeight: Tensor.zeros([4, 16], .float64), recurrentWeight: Tensor.zeros([4, 16], .float64),
      bias: Tensor.concatenate(blocks, axis: 0))
    let saturation = GateSaturation(of: Recurrent(forward: [cell, cell]), on: normal([2, 5, 4], 5))
    #expect(saturation.gates.count == 10)
    #expect(saturation.gates[1].name == "layer 0 f" && saturation.gates[6].layer == 1)
    #expect(saturation.gates[0].saturated == 0 && abs(saturation.gates[0].mean - 0.5) < 1e-12)
    #expect(saturation.gates[1].above == 1 && saturation.gates[1].below == 0)
    #expect(saturation.gates[3].below == 1)
    #expect(saturation.gates[1].histogram.counts.reduce(0, +) == 2 * 5 * 4)
    #expect(saturation.plot().svg().contains("layer 1 tanh c"))
  }

  /// What follows a row's end is not counted, in either direction.
  @Test func paddingIsNotCounted() {
    var generator = Generator(seed: 6)
    let network = RNN(2, 4, bidirectional: true, .float64, using: &generator)
    let x = normal([1, 5, 2], 7)
    let padded = Tensor.concatenate([x, normal([1, 3, 2], 8) * 100], axis: 1)
    let (a, b) = (GateSaturation(of: network, on: x), GateSaturation(of: network, on: padded, lengths: [5]))
    for (a, b) in zip(a.gates, b.gates) { #expect(a.above == b.above && isNear(a.mean, b.mean)) }
    #expect(b.gates.map(\.isBackward) == [false, true])
  }

  /// Where a function of somebody's own squashes, as its values show.
  @Test func ranges() {
    var generator = Generator(seed: 1)
    func ranges(_ activations: GateActivations) -> [GateActivation.Range] {
      var cell = LSTMCell(2, 4, .float64, using: &generator)
      cell.activations = activations
      return cell.activations(cell.project(x), cell.recur(state.hidden), state).map(\.range)
    }
    #expect(ranges(GateActivations()) == [.unit, .unit, .symmetric, .unit, .symmetric])
    #expect(ranges(Self.others[0]) == [.unit, .unit, .symmetric, .unit, .unbounded])
    #expect(ranges(Self.others[1]) == [.unit, .unit, .symmetric, .unit, .symmetric])
    #expect(ranges(Self.others[2]) == [.unit, .unit, .unbounded, .unit, .symmetric])
  }

  /// σ(−0.5) is no shut gate, a hard sigmoid of slope 1 at -0.5 is.
  @Test func saturationIsThatOfTheCellsOwnActivations() {
    var cell = LSTMCell(
      inputWeight: Tensor.zeros([2, 16], .float64), recurrentWeight: Tensor.zeros([4, 16], .float64),
      bias: Tensor.full([16], -0.5, .float64))
    let x = normal([2, 5, 2], 5)
    #expect(GateSaturation(of: Recurrent(forward: [cell]), on: x).gates[0].below == 0)
    cell.activations.gate = .hardSigmoid(slope: 1)
    let gates = GateSaturation(of: Recurrent(forward: [cell]), on: x).gates
    #expect(gates[0].below == 1 && gates[0].mean == 0 && gates[0].range == .unit)
  }

  /// Modifiers show the gates of what they stand around, as their own step leaves them.
  @Test func modifiedCellsShowTheirGates() {
    var generator = Generator(seed: 1)
    let lstm = LSTM(2, 4, .float64, using: &generator)
    let x = normal([2, 5, 2], 5) * 5
    let plain = GateSaturation(of: lstm, on: x).gates
    let dropped = GateSaturation(of: lstm.modifyingCells { WeightDropped($0, rate: 0.5) }, on: x).gates
    #expect(dropped == plain)
    let clipped = GateSaturation(
      of: lstm.modifyingCells { WeightDropped(MemoryClipped($0, bound: 0.1), rate: 0.5) }, on: x
    ).gates
    #expect(clipped.map(\.name) == plain.map(\.name))
    #expect(abs(clipped[4].histogram.edges[20]) < 0.1 && plain[4].histogram.edges[20] > 0.1)
    let own = Recurrent(forward: [Zoneout(LeakyMemoryCell.random(2, 4, seed: 3), hidden: 0.1)])
    #expect(GateSaturation(of: own, on: x).gates.map(\.gate) == ["g"])
  }

  /// A cell of one's own names its gates, and nothing of its step has to be said again.
  @Test func aUsersCellShowsItsGatesByTheirNames() {
    var generator = Generator(seed: 1)
    let lstm = LSTMCell(2, 4, .float64, using: &generator)
    let own = Named(lstm: lstm)
    let arguments = (own.project(x), own.recur(state.hidden), state)
    let shown = own.activations(arguments.0, arguments.1, arguments.2)
    let expected = lstm.activations(arguments.0, arguments.1, arguments.2)
    #expect(shown.map(\.name) == ["i", "f", "g", "o", "squashed"])
    for (a, b) in zip(shown, expected) { #expect(isClose(a.values, b.values) && a.range == b.range && !a.values.isRecorded) }
    let x = normal([2, 5, 2], 5) * 3
    let (a, b) = (
      GateSaturation(of: Recurrent(forward: [own]), on: x).gates, GateSaturation(of: Recurrent(forward: [lstm]), on: x).gates
    )
    #expect(a.count == 5 && zip(a, b).allSatisfy { $0.saturated == $1.saturated && $0.histogram.counts == $1.histogram.counts })
    let clipped = GateSaturation(of: Recurrent(forward: [MemoryHeld(cell: own)]), on: x).gates
    #expect(clipped.map(\.gate) == a.map(\.gate))
    // What is not finite is found by its name.
    var broken = own
    broken.lstm.bias = Tensor(NDArray([Double](repeating: 0, count: 12) + [.nan, 0, 0, 0]))
    let flow = GradientFlow(of: broken, on: x) { $0.sum() }
    #expect(flow.firstNonFinite?.place == "the input's contribution")
    broken.lstm.bias = lstm.bias
    broken.factor = .infinity
    #expect(GradientFlow(of: broken, on: x) { $0.sum() }.firstNonFinite?.place == "gate o")
  }

  private struct MemoryHeld: ModifiedCell { var cell: Named }

  private struct Named: GatedCell {
    var lstm: LSTMCell
    var factor = 1.0
    var hiddenSize: Int { lstm.hiddenSize }
    var gates: CellGates { CellGates(["i", "f", "g", "o", "squashed"]) }

    mutating func visit(_ visitor: Visitor) { lstm.visit(visitor) }
    func project(_ x: Tensor) -> Tensor { lstm.project(x) }
    func recur(_ hidden: Tensor) -> Tensor { lstm.recur(hidden) }
    func step(_ projected: Tensor, _ recurred: Tensor, _ state: LSTMState) -> LSTMState {
      let a = (projected + recurred).chunks(4, axis: -1)
      let (i, f, g, o) = (a[0].sigmoid(), a[1].sigmoid(), a[2].tanh(), (a[3] * factor * 0 + a[3]).sigmoid())
      let cell = f * state.cell + i * g
      return LSTMState(hidden: o * cell.tanh(), cell: cell)
    }
    func initialState(batch: Int, _ type: ElementType) -> LSTMState { lstm.initialState(batch: batch, type) }
  }

  /// Every gradient of a cell's weights is divided among its gates, and the parts make the whole.
  @Test func blocksOfGatesMakeTheWhole() {
    var generator = Generator(seed: 1)
    check(ProjectedLSTMCell(2, 4, memory: 6, .float64, using: &generator), whole: ["projection"])
    check(CoupledLSTMCell(2, 4, peepholes: true, .float64, using: &generator))
    check(LayerNormLSTMCell(2, 4, .float64, using: &generator), whole: ["memoryNorm.scale", "memoryNorm.shift"])
    check(GateNormLSTMCell(2, 4, .float64, using: &generator), whole: ["memoryNorm.scale", "memoryNorm.shift"])
    check(LayerNormGRUCell(2, 4, .float64, using: &generator))
    check(MGUCell(2, 4, .float64, using: &generator))
    check(IndRNNCell(2, 4, .float64, using: &generator))
    check(WeightDropped(GRUCell(2, 4, .float64, using: &generator), rate: 0.1))
  }

  private func check<Cell: RecurrentCell>(_ cell: Cell, whole: [String] = []) {
    let flow = GradientFlow(of: Recurrent(forward: [cell]), on: normal([2, 5, 2], 5)) { $0.square().sum() }
    for parameter in flow.parameters {
      let name = parameter.name.replacing("forward.0.", with: "")
      #expect(parameter.gates.isEmpty == whole.contains(name), "\(Cell.self), \(name)")
      let sum = parameter.gates.reduce(0) { $0 + $1.norm * $1.norm }
      #expect(parameter.gates.isEmpty || isNear(sum.squareRoot(), parameter.norm), "\(Cell.self), \(name)")
    }
  }

  /// A cell that shows nothing makes a picture that says so.
  @Test func noGates() {
    let saturation = GateSaturation(of: Recurrent(forward: [Shy()]), on: normal([2, 5, 4], 5))
    #expect(saturation.gates.isEmpty)
    #expect(saturation.plot().svg().contains("No cell shows its gates: none is a GatedCell"))
    #expect(saturation.plot().terminal().contains("No cell shows its gates"))
  }

  private struct Shy: RecurrentCell {
    var hiddenSize: Int { 4 }
    mutating func visit(_ visitor: Visitor) {}
    func project(_ x: Tensor) -> Tensor { x }
    func recur(_ hidden: Tensor) -> Tensor { hidden }
    func step(_ projected: Tensor, _ recurred: Tensor, _ state: HiddenState) -> HiddenState {
      HiddenState(hidden: (projected + recurred).tanh())
    }
    func initialState(batch: Int, _ type: ElementType) -> HiddenState { HiddenState(hidden: Tensor.zeros([batch, 4], type)) }
  }
}
