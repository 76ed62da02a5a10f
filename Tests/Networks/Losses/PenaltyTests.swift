import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTestSupport

/// What penalties promise beyond the files.
@Suite struct PenaltyTests {
  private static func random(_ shape: Shape, seed: Int, deviation: Double = 1) -> Tensor {
    var generator = Generator(seed: seed)
    return Tensor.normal(shape, deviation: deviation, .float64, using: &generator)
  }

  private let x = random([2, 4, 3], seed: 1)

  private func expectDerivatives<T: TensorGroup>(_ at: T, directions: Int = 2, _ f: @escaping (T) -> Tensor) {
    let report = checkGradients(at: at, directions: directions, of: f)
    #expect(report.passes && report.undecided.isEmpty, "\(report)")
  }

  @Test func derivativesOfPenaltiesOnOutputs() {
    let h = PenaltyTests.random([2, 5, 3], seed: 2)
    expectDerivatives([h]) { activationPenalty($0[0]) }
    expectDerivatives([h]) { temporalPenalty($0[0]) }
    expectDerivatives([h, h[.all, 0] * 2]) { normPenalty($0[0], initial: $0[1]) }
  }

  @Test func derivativesOfGradientNorms() {
    var generator = Generator(seed: 3)
    let weights = PenaltyTests.random([2, 4, 3], seed: 4)
    expectDerivatives(GRUCell(3, 3, .float64, using: &generator)) { [x] cell in
      gradientNormPenalty(of: cell, on: x) { (($0 * weights).tanh().square() + $0 * weights).sum() }
    }
    let lstm = LSTMCell(3, 3, .float64, using: &generator)
    expectDerivatives([x, PenaltyTests.random([2, 3], seed: 5)]) { inputs in
      let state = LSTMState(hidden: inputs[1], cell: inputs[1] * 2)
      return gradientNormPenalty(of: lstm, on: inputs[0], from: state, squared: true) { ($0 * weights).tanh().sum() }
    }
  }

  /// No gradient arrives behind the last step that the loss reads: these steps say nothing, and no NaN.
  @Test func stepsWithoutGradient() {
    var generator = Generator(seed: 3)
    let cell = RNNCell(3, 3, .float64, using: &generator)
    func slope(_ x: Tensor) -> (value: Tensor, gradient: RNNCell) {
      valueAndGradient(at: cell) { gradientNormPenalty(of: $0, on: x) { $0[.all, 1].square().sum() } }
    }
    let (long, short) = (slope(x), slope(x[.all, ..<2]))
    #expect(long.value.isClose(to: short.value, relative: 1e-14) && long.value.item > 0)
    #expect((long.gradient - short.gradient).norm < 1e-14)
  }

  /// A rotation preserves every norm.
  @Test func rotationsAreFree() {
    let rotation = PenaltyTests.random([4, 4], seed: 6).qr().q
    let cell = RNNCell(
      inputWeight: PenaltyTests.random([3, 4], seed: 7), recurrentWeight: rotation, bias: nil, activation: .identity)
    let omega = gradientNormPenalty(of: cell, on: x) { $0[.all, -1].square().sum() }
    #expect(omega.item.magnitude < 1e-28)
    let exponents = lyapunovExponents(of: cell, on: x, count: 4)
    #expect(exponents.magnitude().max().item < 1e-14)
  }

  @Test func derivativesOfExponents() {
    var generator = Generator(seed: 8)
    let x = x
    expectDerivatives(GRUCell(3, 3, .float64, using: &generator), directions: 1) { cell in
      lyapunovExponents(of: cell, on: x, count: 2, skipping: 1)
    }
    let lstm = LSTMCell(3, 2, .float64, using: &generator)
    expectDerivatives([x], directions: 1) { lyapunovExponents(of: lstm, on: $0[0], count: 3) }
  }

  /// A network of one layer is its cell, in every layout; a deeper one has the sum of the exponents of its layers.
  @Test func networks() {
    var generator = Generator(seed: 9)
    var gru = GRU(3, 3, layers: 1, .float64, using: &generator)
    let cell = lyapunovExponents(of: gru.forward[0], on: x, count: 2)
    let slope = gradient(at: gru) { lyapunovExponents(of: $0, on: x, count: 2).sum() }
    let ofCell = gradient(at: gru.forward[0]) { lyapunovExponents(of: $0, on: x, count: 2).sum() }
    #expect((slope.forward[0] - ofCell).norm < 1e-12 * ofCell.norm)
    #expect(lyapunovExponents(of: gru, on: x, count: 2).isClose(to: cell, relative: 1e-12))
    gru.isTimeFirst = true
    #expect(lyapunovExponents(of: gru, on: x.transposed(0, 1), count: 2).isClose(to: cell, relative: 1e-12))
    gru.isReversed = true
    #expect(lyapunovExponents(of: gru, on: x.flipped(1).transposed(0, 1), count: 2).isClose(to: cell, relative: 1e-12))
    // The Jacobian of a stack is block triangular: log |det| is the sum of those of the layers.
    let deep = RNN(3, 2, layers: 2, .float64, using: &generator)
    let all = lyapunovExponents(of: deep, on: x, count: 4).sum(axes: 1)
    let lower = lyapunovExponents(of: deep.forward[0], on: x, count: 2).sum(axes: 1)
    let (outputs, _) = RNN(forward: [deep.forward[0]])(x)
    let upper = lyapunovExponents(of: deep.forward[1], on: outputs, count: 2).sum(axes: 1)
    #expect(all.isClose(to: lower + upper, relative: 1e-10))
  }

  /// Some steps of flossing bring the exponents near zero.
  @Test func flossing() {
    var generator = Generator(seed: 10)
    var cell = RNNCell(
      inputWeight: PenaltyTests.random([3, 6], seed: 11, deviation: 0.1),
      recurrentWeight: PenaltyTests.random([6, 6], seed: 12, deviation: 0.2), bias: nil)
    let x = Tensor.normal([2, 10, 3], .float64, using: &generator)
    func loss(_ cell: RNNCell) -> Tensor { lyapunovExponents(of: cell, on: x, count: 2).meanOfSquares() }
    let before = loss(cell).item
    for _ in 0..<30 { cell = cell - gradient(at: cell, of: loss) * 0.1 }
    #expect(loss(cell).item < 0.2 * before)
  }

  @Test func edges() {
    #expect(temporalPenalty(x[.all, ..<1]).item == 0 && normPenalty(x[.all, ..<1]).item == 0)
    // A zero norm has a zero derivative.
    let slope = gradient(at: Tensor.zeros([1, 3, 2], .float64)) { normPenalty($0) }
    #expect(slope.magnitude().max().item == 0)
  }

  @Test func messages() async {
    let axis = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = temporalPenalty(Tensor.ones([2, 3]))
    }
    #expect(stopSentence(axis) == "temporalPenalty: axis 1 of shape [2, 3] is not a time axis before the features")
    let initial = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = normPenalty(Tensor.ones([2, 3, 4]), initial: Tensor.ones([3, 4]))
    }
    #expect(
      stopSentence(initial)
        == "normPenalty: an output before the first step of shape [3, 4] does not fit outputs of shape [2, 3, 4]")
    let sequence = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = gradientNormPenalty(of: RNNCell(3, 4, using: &generator), on: Tensor.ones([2, 3])) { $0.sum() }
    }
    #expect(stopSentence(sequence) == "gradientNormPenalty: an input of shape [2, 3] is not sequences, [batch, time, inputs]")
    let count = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = lyapunovExponents(of: RNNCell(3, 4, using: &generator), on: Tensor.ones([2, 5, 3]), count: 5)
    }
    #expect(stopSentence(count) == "lyapunovExponents: 5 exponents of a state of 4 numbers are not in 1...4")
  }
}
