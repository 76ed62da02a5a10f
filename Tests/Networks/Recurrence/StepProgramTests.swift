import Testing
import UnrollArrays
import UnrollAutograd
import UnrollTestSupport

@testable import UnrollNetworks

/// Every cell's step becomes a program, and a program's results are those of the steps.
@Suite struct StepProgramTests {
  /// What stands in the way of a cell's program; nil where nothing does.
  static func obstacle<Cell: RecurrentCell>(_ cell: Cell, noisy: Bool = false) -> StepwiseReason? {
    let state = cell.initialState(batch: 5, .float64)
    var generator = Generator(seed: 3)
    let draws = noisy ? cell.noise(steps: 1, batch: 5, .float64, using: &generator).map { Shape($0.shape.dropFirst()) } : []
    let result = StepTraces<Cell>().step(cell, input: [5, 3], state: state, draws: draws, factors: nil, .float64)
    if case .failure(let failure) = result { return failure.reason }
    return nil
  }

  /// Other numbers of the same shapes go by the same program; another choice has its own.
  @Test func programsAreKept() {
    var g = Generator(seed: 1)
    var lstm = LSTM(3, 4, .float64, using: &g)
    for _ in 0..<3 {
      _ = gradient(at: lstm) { lstm in lstm(Tensor.ones([2, 5, 3], .float64)).outputs.sum() }
      lstm.forward[0].inputWeight = Tensor(NDArray.normal([3, 16], .float64, using: &g))
    }
    #expect(lstm.traces.count == 1)
    lstm.forward[0].activations = GateActivations(gate: .hardSigmoid())
    _ = lstm(Tensor.ones([2, 5, 3], .float64))
    _ = lstm(Tensor.ones([2, 6, 3], .float64))
    #expect(lstm.traces.count == 2)
    _ = lstm(Tensor.ones([4, 6, 3], .float64))
    #expect(lstm.traces.count == 3)
  }

  @Test func cellsHavePrograms() {
    var g = Generator(seed: 1)
    let lstm = LSTMCell(3, 4, .float64, using: &g)
    #expect(Self.obstacle(lstm) == nil)
    #expect(Self.obstacle(LSTMCell(3, 4, bias: false, .float64, using: &g)) == nil)
    #expect(Self.obstacle(PeepholeLSTMCell(3, 4, .float64, using: &g)) == nil)
    #expect(Self.obstacle(GRUCell(3, 4, .float64, using: &g)) == nil)
    #expect(Self.obstacle(GRUCell(3, 4, reset: .before, .float64, using: &g)) == nil)
    for activation in [Activation.tanh, .relu, .sigmoid, .identity, .custom { $0.sin() }] {
      #expect(Self.obstacle(RNNCell(3, 4, activation: activation, .float64, using: &g)) == nil)
    }
    #expect(Self.obstacle(LayerNormLSTMCell(3, 4, .float64, using: &g)) == nil)
    #expect(Self.obstacle(LayerNormLSTMCell(3, 4, memory: .normalized, .float64, using: &g)) == nil)
    #expect(Self.obstacle(GateNormLSTMCell(3, 4, .float64, using: &g)) == nil)
    #expect(Self.obstacle(LayerNormGRUCell(3, 4, .float64, using: &g)) == nil)
    #expect(Self.obstacle(LayerNormRNNCell(3, 4, .float64, using: &g)) == nil)
    #expect(Self.obstacle(ProjectedLSTMCell(3, 4, memory: 6, .float64, using: &g)) == nil)
    #expect(Self.obstacle(CoupledLSTMCell(3, 4, .float64, using: &g)) == nil)
    #expect(Self.obstacle(CoupledLSTMCell(3, 4, peepholes: true, .float64, using: &g)) == nil)
    #expect(Self.obstacle(MGUCell(3, 4, .float64, using: &g)) == nil)
    #expect(Self.obstacle(MGUCell(3, 4, reset: .before, .float64, using: &g)) == nil)
    #expect(Self.obstacle(IndRNNCell(3, 4, activation: .tanh, .float64, using: &g)) == nil)
    #expect(Self.obstacle(MemoryClipped(lstm, bound: 0.3)) == nil)
    for noisy in [false, true] {
      #expect(Self.obstacle(Zoneout(lstm, hidden: 0.3, memory: 0.4), noisy: noisy) == nil)
      #expect(Self.obstacle(MemoryZoneout(lstm, hidden: 0.3, memory: 0.4), noisy: noisy) == nil)
      #expect(Self.obstacle(WeightDropped(lstm, rate: 0.4), noisy: noisy) == nil)
    }
    var other = lstm
    other.activations = GateActivations(gate: .hardSigmoid(), candidate: .softsign, output: .scaledTanh(outer: 1.7, inner: 0.6))
    #expect(Self.obstacle(other) == nil)
    other.activations = GateActivations().clippingArguments(to: 0.7)
    #expect(Self.obstacle(other) == nil)
  }
}
