import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTestSupport

/// What training draws, given by the caller.
@Suite struct DrawsTests {
  private static func zoned<Cell: MemoryCell>(_ layer: Recurrent<Cell>, timeFirst: Bool) -> Recurrent<Zoneout<Cell>> {
    var other = layer.modifyingCells { Zoneout($0, hidden: 0.3, memory: 0.4) }
    (other.dropout, other.recurrentDropout, other.isTimeFirst) = (0.25, 0.2, timeFirst)
    return other
  }

  /// The draws of a generator are those that it draws by itself; the numbers and the gradients are the same to the last bit.
  @Test(arguments: [false, true], [[4, 6, 3], [6, 3]]) func sameAsByTheGenerator(_ isBidirectional: Bool, _ extents: [Int]) {
    var generator = Generator(seed: 1)
    for timeFirst in [false, true] {
      let layer = Self.zoned(
        LSTM(3, 5, layers: 2, bidirectional: isBidirectional, .float64, using: &generator), timeFirst: timeFirst)
      let x = Tensor.normal(Shape(extents), .float64, using: &generator)
      let start = generator
      var (one, two) = (start, start)
      let draws = layer.draws(for: x, using: &one)
      #expect(draws.hidden.count == (isBidirectional ? 4 : 2) && draws.noise[0].count == 2 && draws.outputs[1] == nil)
      let (given, own) = (layer(x, draws: draws), layer(x, using: &two))
      #expect(given.outputs.array == own.outputs.array && one == two && one != start)
      #expect(given.state.stacked.map(\.array) == own.state.stacked.map(\.array))
      #expect(given.outputs.array != layer(x).outputs.array)
      let slopes = [
        gradient(at: layer) { $0(x, draws: draws).outputs.square().sum() },
        gradient(at: layer) { layer in
          var generator = start
          return layer(x, using: &generator).outputs.square().sum()
        },
      ]
      #expect((slopes[0] - slopes[1]).norm == 0 && slopes[0].norm > 0)
    }
  }

  /// Masks of one hold everything, masks of zero nothing; without noise a cell steps as in evaluation.
  @Test func masksOfZoneout() {
    var generator = Generator(seed: 1)
    let layer = LSTM(3, 4, .float64, using: &generator).modifyingCells { Zoneout($0, hidden: 0.1, memory: 0.5) }
    let x = Tensor.normal([2, 5, 3], .float64, using: &generator)
    let state = layer.state(stacked: [Tensor.full([1, 2, 4], 0.5, .float64), Tensor.full([1, 2, 4], -0.25, .float64)])
    func draws(_ keep: Double) -> RecurrentDraws {
      RecurrentDraws(
        hidden: [nil], noise: [[Tensor.full([5, 2, 4], keep, .float64), Tensor.full([5, 2, 4], keep, .float64)]], outputs: [nil]
      )
    }
    for (held, start) in zip(layer(x, from: state, draws: draws(1)).state.stacked, state.stacked) {
      #expect(held.array.isClose(to: start.array, relative: 1e-12, absolute: 1e-14))
    }
    let plain = LSTM(forward: [layer.forward[0].cell])
    let (free, expected) = (layer(x, from: state, draws: draws(0)), plain(x, from: .init(cells: state.cells)))
    #expect(free.outputs.array.isClose(to: expected.outputs.array, relative: 1e-12, absolute: 1e-14))
    let none = RecurrentDraws(hidden: [nil], noise: [[]], outputs: [nil])
    #expect(layer(x, from: state, draws: none).outputs.array == layer(x, from: state).outputs.array)
    let report = checkGradients(at: layer) { $0(x, from: state, draws: draws(0.5)).outputs.square().sum() }
    #expect(report.passes, "\(report)")
  }

  @Test func misuseMessages() async {
    let count = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      let none = RecurrentDraws(hidden: [nil], noise: [[]], outputs: [nil])
      _ = GRU(3, 4, layers: 2, using: &generator)(Tensor.ones([2, 5, 3]), draws: none)
    }
    #expect(stopSentence(count) == "Recurrent: draws for 1 and 1 cells and 1 layers do not fit 2 cells in 2 layers")
    let hidden = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      let draws = RecurrentDraws(hidden: [Tensor.ones([5, 4])], noise: [[]], outputs: [nil])
      _ = GRU(3, 4, using: &generator)(Tensor.ones([2, 5, 3]), draws: draws)
    }
    #expect(stopSentence(hidden) == "Recurrent: factors of a hidden state of shape [5, 4] are not [2, 4]")
    let noise = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      let layer = GRU(3, 4, using: &generator).modifyingCells { Zoneout($0, hidden: 0.1) }
      let draws = RecurrentDraws(hidden: [nil], noise: [[Tensor.ones([5, 2, 3])]], outputs: [nil])
      _ = layer(Tensor.ones([2, 5, 3]), draws: draws)
    }
    #expect(stopSentence(noise) == "Recurrent: draws of a cell of shape [5, 2, 3] are not [5, 2, 4]")
    let parts = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      let draws = RecurrentDraws(hidden: [nil], noise: [[Tensor.ones([5, 2, 4])]], outputs: [nil])
      _ = GRU(3, 4, using: &generator)(Tensor.ones([2, 5, 3]), draws: draws)
    }
    #expect(stopSentence(parts) == "Recurrent: 1 tensors of noise are not the 0 that a cell draws")
    let rank = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      var rnn = RNN(3, 4, using: &generator)
      rnn.recurrentDropout = 0.5
      _ = rnn(Tensor.ones([3]), using: &generator)
    }
    #expect(stopSentence(rank) == "Recurrent: an input of shape [3] is not a sequence (three axes, or two without a batch)")
  }
}
