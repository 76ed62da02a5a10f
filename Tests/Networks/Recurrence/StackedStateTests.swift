import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTestSupport

/// States as one tensor for each part, and back.
@Suite struct StackedStateTests {
  private static func draw(_ shape: Shape, seed: Int) -> Tensor {
    var generator = Generator(seed: seed)
    return Tensor.normal(shape, .float64, using: &generator)
  }

  /// The order is that of PyTorch's h_n and c_n, which its golden files are compared in; what was stacked comes back.
  @Test(arguments: [1, 2], [false, true]) func thereAndBack(_ layers: Int, _ isBidirectional: Bool) {
    var generator = Generator(seed: 1)
    let lstm = LSTM(3, 4, layers: layers, bidirectional: isBidirectional, .float64, using: &generator)
    let x = Self.draw([2, 5, 3], seed: 2)
    let (outputs, state) = lstm(x)
    let cells = layers * (isBidirectional ? 2 : 1)
    #expect(state.stacked.map(\.shape) == [[cells, 2, 4], [cells, 2, 4]])
    for (i, cell) in state.cells.enumerated() {
      #expect(cell.hidden.array == state.stacked[0][i].array && cell.cell.array == state.stacked[1][i].array)
    }
    let again = lstm.state(stacked: state.stacked)
    #expect(zip(again.cells, state.cells).allSatisfy { $0.hidden.array == $1.hidden.array && $0.cell.array == $1.cell.array })
    #expect(lstm(x, from: again).outputs.array == lstm(x, from: state).outputs.array)
    #expect(outputs.shape == [2, 5, isBidirectional ? 8 : 4])
    let report = checkGradients(at: state.stacked) { parts in
      lstm(x, from: lstm.state(stacked: parts)).state.stacked.map { $0.square().sum() }.reduce(Tensor(0, .float64), +)
    }
    #expect(report.passes, "\(report)")
  }

  @Test func otherCellsAndOneRow() {
    var generator = Generator(seed: 1)
    let gru = GRU(3, 4, layers: 2, using: &generator)
    #expect(gru(Tensor.ones([5, 3])).state.stacked.map(\.shape) == [[2, 4]])
    #expect(gru(Tensor.ones([5, 3]), from: gru.state(stacked: [Tensor.ones([2, 4])])).outputs.shape == [5, 4])
    let projected = ProjectedLSTM(3, 2) { ProjectedLSTMCell($0, $1, memory: 6, using: &generator) }
    let parts = projected(Tensor.ones([7, 5, 3])).state.stacked
    #expect(parts.map(\.shape) == [[1, 7, 2], [1, 7, 6]])
    #expect(projected.state(stacked: parts).stacked.map(\.array) == parts.map(\.array))
  }

  /// States of PyTorch's file, stacked as the file has them, give its outputs.
  @Test func asPyTorchHasThem() throws {
    let golden = try GoldenFile("recurrent/torch_lstm_two_layers_bidirectional")
    let lstm = try LSTM(FrameworkCase(golden, .pytorch).weights, from: .pytorch, isTimeFirst: !golden.truth("batch_first"))
    let state = lstm.state(stacked: [try golden.tensor("h0"), try golden.tensor("c0")])
    let (outputs, last) = lstm(try golden.tensor("x"), from: state)
    try golden.check(values: ["output": outputs, "h_n": last.stacked[0], "c_n": last.stacked[1]])
  }

  /// Every tensor of a state, or of any value made of tensors, changed by a closure.
  @Test func tensorsAreMapped() {
    var generator = Generator(seed: 1)
    let (_, state) = LSTM(3, 4, using: &generator)(Tensor.ones([2, 5, 3]))
    let half = state.mappingTensors { $0 * 0.5 }
    #expect(half.stacked.map(\.array) == state.stacked.map { ($0 * 0.5).array })
    let pair: [String: Tensor] = ["a": [1, 2], "b": [3]]
    #expect(pair.mappingTensors { $0 + 1 }["b"]?.array == [4])
    let slope = gradient(at: pair) { $0.mappingTensors { $0.square() }.values.map { $0.sum() }.reduce(Tensor(0), +) }
    #expect(slope["a"]?.array == [2, 4])
  }

  @Test func misuseMessages() async {
    let sizes = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      let rnn = RNN(3, [8, 4]) { RNNCell($0, $1, using: &generator) }
      _ = rnn(Tensor.ones([2, 5, 3])).state.stacked
    }
    #expect(stopSentence(sizes) == "stacked: states of shapes [[2, 8]] and [[2, 4]] cannot be stacked")
    let parts = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = LSTM(3, 4, using: &generator).state(stacked: [Tensor.ones([1, 2, 4])])
    }
    #expect(stopSentence(parts) == "state: 1 stacked tensors are not the 2 parts of a cell's state")
    let cells = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = GRU(3, 4, layers: 2, using: &generator).state(stacked: [Tensor.ones([1, 2, 4])])
    }
    #expect(stopSentence(cells) == "state: a stacked tensor of shape [1, 2, 4] is not one for 2 cells")
    let features = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = GRU(3, 4, using: &generator).state(stacked: [Tensor.ones([1, 2, 5])])
    }
    #expect(
      stopSentence(features) == "state: a stacked tensor of shape [1, 2, 5] does not have the 4 features of a cell's state")
  }
}
