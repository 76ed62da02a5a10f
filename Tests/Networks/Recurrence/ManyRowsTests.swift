import Testing
import UnrollArrays
import UnrollAutograd
import UnrollTestSupport

@testable import UnrollNetworks

/// More rows than are taken together, in a number that leaves a rest: what the cell does at once is what it does step by step, and no
/// bit depends on the number of threads.
@Suite(.serialized) struct ManyRowsTests {
  private static func results<Cell: RecurrentCell>(_ layer: Recurrent<Cell>, steps: Int) -> [Tensor] {
    let (x, weighting) = (Properties.draw([steps, 19, 5]), Properties.draw([steps, 19, 64], seed: 3))
    let lengths = (0..<19).map { 1 + $0 * 7 % steps }
    let (value, slope) = valueAndGradient(at: layer) { ($0(x, lengths: lengths).outputs * weighting).sum() }
    return [value] + slope.tensors
  }

  private static func check<Cell: RecurrentCell>(
    steps: Int = 4, reversed: Bool = false, _ make: (Int, Int, inout Generator) -> Cell
  ) {
    var generator = Generator(seed: 6)
    var layer = Recurrent(5, 64, isTimeFirst: true) { make($0, $1, &generator) }
    layer.isReversed = reversed
    let all = onThreads { results(layer, steps: steps) }
    Properties.isClose(all[0], results(Recurrent(slow: layer), steps: steps))
    for other in all { #expect(zip(other, all[0]).allSatisfy { $0.array == $1.array }) }
  }

  @Test func layerNorm() { ManyRowsTests.check { LayerNormLSTMCell($0, $1, .float64, using: &$2) } }
  @Test func zonedLayerNorm() {
    ManyRowsTests.check { Zoneout(LayerNormLSTMCell($0, $1, .float64, using: &$2), hidden: 0.2, memory: 0.4) }
  }
  @Test func lstm() { ManyRowsTests.check { LSTMCell($0, $1, .float64, using: &$2) } }
  @Test func gru() { ManyRowsTests.check { GRUCell($0, $1, .float64, using: &$2) } }

  // So many steps that their gates do not stay in one piece: the weights' cotangents add up over pieces.
  @Test func longLSTM() { ManyRowsTests.check(steps: 120) { LSTMCell($0, $1, .float64, using: &$2) } }
  @Test func longReversedLSTM() { ManyRowsTests.check(steps: 120, reversed: true) { LSTMCell($0, $1, .float64, using: &$2) } }
  @Test func longPeephole() { ManyRowsTests.check(steps: 120) { PeepholeLSTMCell($0, $1, .float64, using: &$2) } }
  @Test func longRNN() { ManyRowsTests.check(steps: 120, reversed: true) { RNNCell($0, $1, .float64, using: &$2) } }
}
