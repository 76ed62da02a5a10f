import Testing
import UnrollArrays
import UnrollAutograd

@testable import UnrollNetworks

/// More rows than are taken together, in a number that leaves a rest: what the cell does at once is what it does step by step, and no
/// bit depends on the number of threads. One after the other, as each sets that number.
@Suite(.serialized) struct ManyRowsTests {
  private static let lengths = (0..<19).map { 1 + $0 * 7 % 4 }

  private static func results<Cell: RecurrentCell>(_ layer: Recurrent<Cell>) -> [Tensor] {
    let (x, weighting) = (Properties.draw([4, 19, 5]), Properties.draw([4, 19, 40], seed: 3))
    let (value, slope) = valueAndGradient(at: layer) { ($0(x, lengths: lengths).outputs * weighting).sum() }
    return [value] + slope.tensors
  }

  private static func check<Cell: RecurrentCell>(_ make: (Int, Int, inout Generator) -> Cell) {
    var generator = Generator(seed: 6)
    let layer = Recurrent(5, [40], isTimeFirst: true) { make($0, $1, &generator) }
    let threads = Machine.threadCount
    defer { Machine.threadCount = threads }
    Machine.threadCount = 1
    let alone = results(layer)
    Properties.isClose(alone, results(Recurrent(slow: layer)))
    Machine.threadCount = 2
    #expect(zip(results(layer), alone).allSatisfy { $0.array == $1.array })
  }

  @Test func layerNorm() { ManyRowsTests.check { LayerNormLSTMCell($0, $1, .float64, using: &$2) } }
  @Test func zonedLayerNorm() {
    ManyRowsTests.check { Zoneout(LayerNormLSTMCell($0, $1, .float64, using: &$2), hidden: 0.2, memory: 0.4) }
  }
  @Test func lstm() { ManyRowsTests.check { LSTMCell($0, $1, .float64, using: &$2) } }
  @Test func gru() { ManyRowsTests.check { GRUCell($0, $1, .float64, using: &$2) } }
}
