import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTestSupport

@testable import UnrollTraining

/// Windows that end at random.
@Suite struct RandomTruncationTests {
  private let lstm: LSTM
  private let x: Tensor
  private let weights: Tensor

  init() {
    var generator = Generator(seed: 1)
    lstm = LSTM(2, 3, .float64, using: &generator)
    x = Tensor.normal([2, 5, 2], .float64, using: &generator)
    weights = Tensor.normal([2, 5, 3], .float64, using: &generator)
  }

  private func loss(_ outputs: Tensor, _ steps: Range<Int>) -> Tensor { (outputs.square() * weights[.all, steps]).sum() }

  private func sum(_ pass: TruncatedPass<LSTM.State>) -> (gradient: LSTM, loss: Double) {
    var (pass, sum, total) = (pass, lstm * 0, 0.0)
    while let window = pass.next(
      at: lstm, advance: { lstm, steps, state in lstm(x[.all, steps], from: state) }, loss: { loss($1, $2) })
    {
      sum = sum + window.gradient
      total += window.loss.item
    }
    return (sum, total)
  }

  private var exact: (value: Tensor, gradient: LSTM) { valueAndGradient(at: lstm) { loss($0(x).outputs, 0..<5) } }

  /// The mean over all ways to end windows, by their probabilities, is exact.
  @Test func meanOfAllDraws() {
    let (c, exact) = (0.3, exact)
    var mean = lstm * 0
    for draw in 0..<16 {
      let ends = (0..<4).filter { draw >> $0 & 1 == 1 } + [4]
      let probability = (0..<4).reduce(1.0) { $0 * (draw >> $1 & 1 == 1 ? c : 1 - c) }
      let found = sum(TruncatedPass(ends: ends, probability: c, from: nil))
      #expect(abs(found.loss - exact.value.item) < 1e-12)
      mean = mean + found.gradient * probability
    }
    expectClose(mean, exact.gradient, relative: 1e-10, absolute: 1e-12)
  }

  @Test func unbiased() {
    var (generator, draws) = (Generator(seed: 2), Draws(exact.gradient))
    for _ in 0..<600 { draws.add(sum(TruncatedPass(steps: 5, endingWith: 0.3, using: &generator)).gradient) }
    draws.expectUnbiased()
  }

  /// Without a probability, one window is everything; its state goes on.
  @Test func windows() {
    var generator = Generator(seed: 3)
    expectClose(sum(TruncatedPass(steps: 5, endingWith: 0, using: &generator)).gradient, exact.gradient, relative: 1e-10)
    let pass = TruncatedPass<LSTM.State>(steps: 20_000, endingWith: 0.2, using: &generator)
    let lengths = pass.windows.map(\.losses.count)
    #expect(lengths.reduce(0, +) == 20_000 && pass.windows.allSatisfy { $0.graph == $0.losses })
    #expect(abs(20_000 / Double(lengths.count) - 5) < 0.2)
    #expect(TruncatedPass<LSTM.State>(steps: 0, endingWith: 0.2, using: &generator).windows.isEmpty)
    // The state at the end is that of the whole sequence.
    var short = TruncatedPass<LSTM.State>(steps: 5, endingWith: 0.5, using: &generator)
    while short.next(
      at: lstm, advance: { lstm, steps, state in lstm(x[.all, steps], from: state) }, loss: { loss($1, $2) }) != nil
    {}
    let (_, state) = lstm(x)
    for (a, b) in zip(short.state?.tensors ?? [], state.tensors) { #expect(a.isClose(to: b, relative: 1e-12, absolute: 1e-14)) }
    #expect(short.state != nil)
  }

  @Test func messages() async {
    let probability = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = TruncatedPass<LSTM.State>(steps: 5, endingWith: 1, using: &generator)
    }
    #expect(stopSentence(probability) == "TruncatedPass: windows cannot end with a probability of 1.0")
  }
}
