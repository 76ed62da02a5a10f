import Testing
import UnrollArrays
import UnrollAutograd
import UnrollGradientFlow
import UnrollNetworks

/// What cells show of their steps, and how much of it is saturated.
@Suite struct GateTests {
  private let state = LSTMState(hidden: normal([3, 4], 1), cell: normal([3, 4], 2))
  private let x = normal([3, 2], 3)

  /// What is shown is what the step computes with.
  @Test func activationsMakeTheNextState() {
    var generator = Generator(seed: 1)
    let lstm = LSTMCell(2, 4, .float64, using: &generator)
    checkMemory(lstm.activations(lstm.project(x), lstm.recur(state.hidden), state), lstm(x, from: state))
    var peephole = PeepholeLSTMCell(2, 4, .float64, using: &generator)
    peephole.peepholes = normal([3, 4], 4)
    checkMemory(peephole.activations(peephole.project(x), peephole.recur(state.hidden), state), peephole(x, from: state))
    let hidden = HiddenState(hidden: state.hidden)
    for reset in [GRUCell.Reset.before, .after] {
      let gru = GRUCell(2, 4, reset: reset, .float64, using: &generator)
      let a = gru.activations(gru.project(x), gru.recur(hidden.hidden), hidden).map(\.values)
      #expect(isClose((1 - a[1]) * a[2] + a[1] * hidden.hidden, gru(x, from: hidden).hidden))
    }
    let rnn = RNNCell(2, 4, .float64, using: &generator)
    #expect(isClose(rnn.activations(rnn.project(x), rnn.recur(hidden.hidden), hidden)[0].values, rnn(x, from: hidden).hidden))
  }

  private func checkMemory(_ activations: [GateActivation], _ next: LSTMState) {
    let a = activations.map(\.values)
    #expect(activations.map(\.name) == ["i", "f", "g", "o", "tanh c"])
    #expect(isClose(a[1] * state.cell + a[0] * a[2], next.cell))
    #expect(isClose(a[3] * a[4], next.hidden))
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
}
