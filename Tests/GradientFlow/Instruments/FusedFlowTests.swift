import Testing
import UnrollArrays
import UnrollAutograd
@testable import UnrollGradientFlow
import UnrollNetworks

/// Norms out of the kernels' way back against the same network step by step.
@Suite struct FusedFlowTests {
  private let x = normal([3, 7, 2], 40)
  private var generator = Generator(seed: 41)

  @Test mutating func everyCellWithKernels() throws {
    try compare(LSTM(2, 4, .float64, using: &generator))
    try compare(GRU(2, 4, .float64, using: &generator))
    for activation in [Activation.tanh, .sigmoid, .relu, .identity] {
      try compare(RNN(2, 4, activation: activation, .float64, using: &generator))
    }
    var peepholes = PeepholeLSTM(2, 4, .float64, using: &generator)
    peepholes.forward[0].peepholes = normal([3, 4], 42)
    try compare(peepholes)
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

  /// The kernels take steps in segments of so many rows that they stay in a cache: 1024 rows are 341 steps of three.
  @Test mutating func severalSegmentsWithoutCheckpoints() throws {
    try compare(LSTM(2, 3, .float64, using: &generator), normal([3, 400, 2], 43))
  }

  @Test mutating func gradientsAreTheSameToTheBit() {
    let network = LSTM(2, 5, layers: 2, bidirectional: true, using: &generator)
    let x = Tensor(normal([3, 7, 2], 44).array.cast(to: .float32))
    let logs = (0..<4).map { _ in Guarded<StateNorms?>(nil) }
    let asked = gradient(at: network) { $0.outputs(x, from: nil, lengths: [7, 3, 5], norms: logs).square().sum() }
    let plain = gradient(at: network) { $0(x, lengths: [7, 3, 5]).outputs.square().sum() }
    for (a, b) in zip(asked.tensors, plain.tensors) {
      #expect(bits(a) == bits(b))
    }
    #expect(logs.allSatisfy { $0.withLock { $0?.hidden.count == 8 && $0?.cell.count == 8 } })
  }

  @Test mutating func whatKernelsCannotSayGoesStepByStep() throws {
    let network = GRU(2, 4, reset: .before, .float64, using: &generator)
    #expect(!network.saysNorms && measurement(network).fusedFlow(of: loss) == nil)
    #expect(GradientFlow(of: network, on: x, loss: loss).trace().mean.count == 8)
    // A loss that does not depend on the outputs: no way back comes by, and all norms are 0.
    let lstm = LSTM(2, 4, .float64, using: &generator)
    let constant = GradientFlow(of: lstm, on: x) { _ in Tensor(3, .float64) }
    #expect(constant.loss == 3 && constant.traces.allSatisfy { $0.greatest.allSatisfy { $0 == 0 } })
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

  private func bits(_ tensor: Tensor) -> [UInt32] { tensor.array.scalars(as: Float.self).map { $0.bitPattern } }

  private func loss(_ outputs: Tensor) -> Tensor { (outputs.square() * normal(outputs.shape, 45) + outputs).mean() }
}
