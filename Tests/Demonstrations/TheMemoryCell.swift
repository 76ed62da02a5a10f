import Testing
import Unroll

/// Why an LSTM remembers: its memory is carried from step to step by a product with the forget gate, and by nothing else.
/// Read after `VanishingAndExploding`.
@Suite struct TheMemoryCell {
  /// The carousel. With the paths through h cut, cₜ = fₜ cₜ₋₁ + iₜ gₜ, and so ∂c_T/∂c_0 = f_1 f_2 ... f_T, feature by feature.
  @Test func theGradientOfTheMemoryIsTheProductOfTheForgetGates() {
    var generator = Generator(seed: 1)
    let cell = LSTMCell(3, 4, .float64, using: &generator)
    let x = Tensor.normal([30, 1, 3], .float64, using: &generator).unstacked()
    var product = Tensor.ones([1, 4], .float64)
    let slope = gradient(at: Tensor.zeros([1, 4], .float64)) { start in
      var state = LSTMState(hidden: Tensor.zeros([1, 4], .float64), cell: start)
      product = Tensor.ones([1, 4], .float64)
      for x in x {
        state.hidden = state.hidden.detached()
        let forget = (cell.project(x) + cell.recur(state.hidden)).chunks(4, axis: -1)[1].sigmoid()
        product = product * forget.detached()
        state = cell(x, from: state)
      }
      return state.cell.sum()
    }
    #expect(slope.isClose(to: product, relative: 1e-12, absolute: 0))
  }

  /// With all weights zero the forget gate is σ(b_f) at every step: a bias of 3 keeps a fact for about 20 steps, one of 0 for one or two.
  @Test(arguments: [0.0, 1, 3, 6]) func theForgetBiasSaysForHowLong(_ bias: Double) {
    let steps = 50
    let cell = LSTMCell(
      inputWeight: Tensor.zeros([1, 8], .float64), recurrentWeight: Tensor.zeros([2, 8], .float64),
      bias: Tensor([0, 0, bias, bias, 0, 0, 0, 0]))
    let lstm = Recurrent(forward: [cell])
    let slope = gradient(at: Tensor.zeros([1, 2], .float64)) { start in
      let state = LSTM.State(cells: [LSTMState(hidden: Tensor.zeros([1, 2], .float64), cell: start)])
      return lstm(Tensor.ones([1, steps, 1], .float64), from: state).state.cells[0].cell.sum()
    }
    var expected = Tensor(1, .float64)
    for _ in 0..<steps { expected = expected * Tensor(bias, .float64).sigmoid() }
    #expect(abs(slope[0, 0].item / expected.item - 1) < 1e-12)
  }

  /// Side by side, over 100 steps: what reaches the first input of a tanh network is nothing, of an LSTM that remembers a good part.
  @Test func whereATanhNetworkVanishesTheMemoryCarries() {
    var generator = Generator(seed: 3)
    let steps = 100
    let x = Tensor.normal([1, steps, 2], .float64, using: &generator)
    let rnn = RNN(2, 8, .float64, using: &generator)
    let lstm = LSTM(2, 8) { LSTMCell($0, $1, forgetBias: 5, .float64, using: &generator) }
    func firstShare(_ slope: Tensor) -> Double { slope[0, 0].norm().item / slope[0, -1].norm().item }
    let vanished = firstShare(gradient(at: x) { rnn($0).outputs[0, -1].sum() })
    let carried = firstShare(gradient(at: x) { lstm($0).outputs[0, -1].sum() })
    #expect(vanished < 1e-6, "\(vanished)")
    #expect(carried > 1e-3, "\(carried)")
  }

  /// The memory alone never explodes; the paths through h can. With large recurrent weights and small states the gradient grows with
  /// every step. Clipping bounds its length and leaves its direction.
  @Test func anLSTMExplodesThroughItsGatesAndClippingBoundsIt() {
    var generator = Generator(seed: 4)
    var lstm = LSTM(1, 8) { LSTMCell($0, $1, forgetBias: 4, .float64, using: &generator) }
    lstm.forward[0].recurrentWeight = lstm.forward[0].recurrentWeight * 6
    let start = Tensor.normal([1, 8], deviation: 1e-9, .float64, using: &generator)
    func slope(_ steps: Int) -> LSTM {
      gradient(at: lstm) { lstm in
        let state = LSTM.State(cells: [LSTMState(hidden: start, cell: start)])
        return (lstm(Tensor.zeros([1, steps, 1], .float64), from: state).outputs[0, -1] * 1e9).sum()
      }
    }
    let (short, long) = (slope(5), slope(25))
    #expect(long.norm / short.norm > 1e6, "\(long.norm) after 25 steps, \(short.norm) after 5")
    let clipped = long.clipped(norm: 1)
    #expect(abs(clipped.norm - 1) < 1e-12)
    let cosine = zip(clipped.parameters, long.parameters).map { ($0.tensor * $1.tensor).sum().item }.reduce(0, +) / long.norm
    #expect(abs(cosine - 1) < 1e-12)
  }
}
