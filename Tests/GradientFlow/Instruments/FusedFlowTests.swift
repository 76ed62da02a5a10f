import Testing
import UnrollArrays
import UnrollAutograd
@testable import UnrollGradientFlow
import UnrollNetworks

/// Norms out of the programs' way back against the same network step by step.
@Suite struct FusedFlowTests {
  private let x = normal([3, 7, 2], 40)
  private var generator = Generator(seed: 41)

  @Test mutating func everyCell() throws {
    try compare(LSTM(2, 4, .float64, using: &generator))
    try compare(LSTM(2, 4, bias: false, .float64, using: &generator))
    var peepholes = PeepholeLSTM(2, 4, .float64, using: &generator)
    peepholes.forward[0].peepholes = normal([3, 4], 42)
    try compare(peepholes)
    for reset in [GRUCell.Reset.before, .after] {
      try compare(cell: GRUCell(2, 4, reset: reset, .float64, using: &generator))
      try compare(cell: MGUCell(2, 4, reset: reset, .float64, using: &generator))
    }
    for activation in [Activation.tanh, .sigmoid, .relu, .identity, .custom { $0.sin() }] {
      try compare(RNN(2, 4) { RNNCell($0, $1, activation: activation, .float64, using: &generator) })
    }
    try compare(cell: LayerNormLSTMCell(2, 4, epsilon: 0.2, .float64, using: &generator))
    try compare(cell: LayerNormLSTMCell(2, 4, memory: .normalized, epsilon: 0.2, .float64, using: &generator))
    try compare(cell: GateNormLSTMCell(2, 4, epsilon: 0.2, .float64, using: &generator))
    try compare(cell: LayerNormGRUCell(2, 4, epsilon: 0.2, .float64, using: &generator))
    try compare(cell: LayerNormRNNCell(2, 4, epsilon: 0.2, .float64, using: &generator))
    try compare(cell: ProjectedLSTMCell(2, 4, memory: 6, .float64, using: &generator))
    try compare(cell: CoupledLSTMCell(2, 4, peepholes: true, .float64, using: &generator))
    try compare(cell: IndRNNCell(2, 4, activation: .tanh, .float64, using: &generator))
    try compare(cell: LEMCell(2, 4, .float64, using: &generator))
    try compare(cell: SRUCell(2, 4, .float64, using: &generator))
    try compare(cell: LeakyMemoryCell.random(2, 4, seed: 43))
  }

  @Test mutating func everyModifier() throws {
    let lstm = LSTMCell(2, 4, .float64, using: &generator)
    try compare(cell: Zoneout(lstm, hidden: 0.3, memory: 0.4))
    try compare(cell: MemoryZoneout(lstm, hidden: 0.3, memory: 0.4))
    try compare(cell: MemoryClipped(lstm, bound: 0.3))
    try compare(cell: WeightDropped(lstm, rate: 0.4))
    var other = lstm
    other.activations = GateActivations(gate: .hardSigmoid(), candidate: .softsign, output: .scaledTanh(outer: 1.7, inner: 0.6))
    try compare(cell: other)
  }

  @Test mutating func layersAndDirections() throws {
    try compare(LSTM(2, 4, layers: 2, bidirectional: true, .float64, using: &generator))
    try compare(GRU(2, 4, layers: 3, bidirectional: true, merge: .sum, .float64, using: &generator))
    var reversed = LSTM(2, 4, isTimeFirst: true, .float64, using: &generator)
    reversed.isReversed = true
    try compare(reversed, x.transposed(0, 1))
    try compare(RNN(2, 4, layers: 2, .float64, using: &generator).learningInitialState())
    try compare(LSTM(2, 4, .float64, using: &generator), x[0])
  }

  @Test mutating func rowsOfDifferentLengths() throws {
    let lengths = [7, 2, 4]
    try compare(LSTM(2, 4, layers: 2, bidirectional: true, .float64, using: &generator), lengths: lengths)
    try compare(GRU(2, 4, bidirectional: true, .float64, using: &generator), lengths: lengths)
    try compare(RNN(2, 4, .float64, using: &generator), lengths: [3, 2, 4])
  }

  /// Seven steps in pieces of three, two and one: the rest is computed again on the way back.
  @Test(arguments: [1, 2, 3, 20]) mutating func checkpoints(_ interval: Int) throws {
    var lstm = LSTM(2, 4, layers: 2, bidirectional: true, .float64, using: &generator)
    lstm.checkpointInterval = interval
    try compare(lstm, lengths: [7, 2, 4])
    var gru = GRU(2, 4, bidirectional: true, .float64, using: &generator)
    gru.checkpointInterval = interval
    try compare(gru)
  }

  /// Steps are taken in segments of so many rows that they stay in a cache: 1024 rows are 341 steps of three.
  @Test mutating func severalSegmentsWithoutCheckpoints() throws {
    try compare(LSTM(2, 3, .float64, using: &generator), normal([3, 400, 2], 43))
  }

  /// The gradients beside norms are those of training.
  @Test mutating func gradientsAreTheSame() {
    let network = LSTM(2, 5, layers: 2, bidirectional: true, using: &generator)
    let x = Tensor(normal([3, 7, 2], 44).array.cast(to: .float32))
    let probes = network.normProbes(for: x)
    #expect(probes.map(\.shape) == Array(repeating: [2, 8, 3], count: 4))
    let asked = gradient(at: Two(first: network, second: probes)) {
      $0.first.outputs(x, from: nil, lengths: [7, 3, 5], norms: $0.second).square().sum()
    }
    let plain = gradient(at: network) { $0(x, lengths: [7, 3, 5]).outputs.square().sum() }
    for (a, b) in zip(asked.first.tensors, plain.tensors) {
      #expect(a.array.isClose(to: b.array, relative: 1e-4, absolute: 1e-5))
    }
    // Of each row as many steps have norms as its sequence has, whichever the direction.
    for norms in asked.second {
      #expect((0..<3).map { row in norms[0, 1..., row].array.scalars(as: Double.self).count { $0 > 0 } } == [7, 3, 5])
    }
  }

  /// Norms are a result of the walk that asks for them: one that is differentiated itself runs step by step, and says none.
  @Test mutating func aWayBackThatIsDifferentiatedSaysNoNorms() {
    let network = LSTM(2, 3, .float64, using: &generator)
    let (x, probes) = (x, network.normProbes(for: x))
    func slope(_ network: LSTM) -> Two<LSTM, [Tensor]> {
      gradient(at: Two(first: network, second: probes)) {
        $0.first.outputs(x, from: nil, lengths: nil, norms: $0.second).square().sum()
      }
    }
    #expect(slope(network).second[0].array.scalars(as: Double.self).allSatisfy { $0 >= 0 && $0 < 1e9 })
    var within: [Double] = []
    let second = gradient(at: network) { network in
      let first = slope(network)
      within = first.second[0].array.scalars(as: Double.self)
      return first.first.forward[0].inputWeight.square().sum()
    }
    #expect(within.count == 2 * 8 * 3 && within.allSatisfy(\.isNaN))
    #expect(second.forward[0].inputWeight.array.magnitude().max().item > 0)
  }

  @Test mutating func whatIsNoProgramGoesStepByStep() throws {
    let network = Recurrent(forward: [Reading(cell: RNNCell(2, 4, .float64, using: &generator))])
    #expect(!network.saysNorms(for: x) && measurement(network).fusedFlow(of: loss) == nil)
    #expect(GradientFlow(of: network, on: x, loss: loss).trace().mean.count == 8)
    // A loss that does not depend on the outputs: no way back comes by, and all norms are 0.
    let lstm = LSTM(2, 4, .float64, using: &generator)
    let constant = GradientFlow(of: lstm, on: x) { _ in Tensor(3, .float64) }
    #expect(constant.loss == 3 && constant.traces.allSatisfy { $0.greatest.allSatisfy { $0 == 0 } })
  }

  /// A step that reads numbers.
  private struct Reading: ModifiedCell {
    var cell: RNNCell

    func step(_ projected: Tensor, _ recurred: Tensor, _ state: HiddenState) -> HiddenState {
      projected.sum().item > 1e9 ? state : cell.step(projected, recurred, state)
    }
  }

  /// The flow is measured inside of a function that is itself differentiated.
  @Test mutating func insideOfAnotherGradient() {
    let network = LSTM(2, 4, .float64, using: &generator)
    let outside = GradientFlow(of: network, on: x, loss: loss)
    var inside: GradientFlow?
    _ = gradient(at: network) { network in
      inside = GradientFlow(of: network, on: x, loss: loss)
      return network(x).outputs.sum()
    }
    #expect(inside?.traces == outside.traces)
  }

  private func compare<Cell: RecurrentCell>(cell: Cell, _ location: SourceLocation = #_sourceLocation) throws {
    try compare(Recurrent(forward: [cell], backward: [cell]), lengths: [7, 2, 4], location)
  }

  private func compare<Cell: RecurrentCell>(
    _ network: Recurrent<Cell>, _ input: Tensor? = nil, lengths: [Int]? = nil, _ location: SourceLocation = #_sourceLocation
  ) throws {
    let measurement = measurement(network, input, lengths)
    let fast = try #require(measurement.fusedFlow(of: loss), sourceLocation: location)
    let slow = measurement.steppedFlow(of: loss)
    #expect(isNear(fast.loss, slow.loss), sourceLocation: location)
    #expect(fast.traces.map(\.name) == slow.traces.map(\.name), sourceLocation: location)
    for (a, b) in zip(fast.traces, slow.traces) {
      for (found, expected) in [(a.mean, b.mean), (a.least, b.least), (a.greatest, b.greatest)] {
        #expect(
          found.count == expected.count && zip(found, expected).allSatisfy { isNear($0, $1) || ($0.isNaN && $1.isNaN) },
          "\(Cell.self) \(a.name): \(found) against \(expected)", sourceLocation: location)
      }
    }
    #expect(fast.parameters.map(\.name) == slow.parameters.map(\.name), sourceLocation: location)
    for (a, b) in zip(fast.parameters, slow.parameters) {
      #expect(isNear(a.norm, b.norm) && a.gates.count == b.gates.count, sourceLocation: location)
    }
  }

  private func measurement<Cell: RecurrentCell>(
    _ network: Recurrent<Cell>, _ input: Tensor? = nil, _ lengths: [Int]? = nil
  ) -> FlowMeasurement<Cell> { FlowMeasurement(network, input ?? x, nil, lengths, false) }

  private func loss(_ outputs: Tensor) -> Tensor { (outputs.square() * normal(outputs.shape, 45) + outputs).mean() }
}
