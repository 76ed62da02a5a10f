import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTestSupport

/// States by layer and direction instead of their place in a list.
@Suite struct StateNameTests {
  private static func network(bidirectional: Bool, merge: LSTM.Merge = .concatenate) -> LSTM {
    var generator = Generator(seed: 4)
    return LSTM(3, 2, layers: 3, bidirectional: bidirectional, merge: merge, .float64, using: &generator)
  }

  private static func input() -> Tensor {
    var generator = Generator(seed: 5)
    return Tensor.normal([2, 4, 3], .float64, using: &generator)
  }

  @Test(arguments: [false, true]) func namesArePlaces(bidirectional: Bool) {
    let state = StateNameTests.network(bidirectional: bidirectional)(StateNameTests.input()).state
    #expect(state.isBidirectional == bidirectional)
    let width = bidirectional ? 2 : 1
    for layer in 0..<3 {
      for name in [layer, layer - 3] {
        #expect(state.forward(layer: name).cell.array == state.cells[width * layer].cell.array)
        if bidirectional { #expect(state.backward(layer: name).hidden.array == state.cells[2 * layer + 1].hidden.array) }
      }
    }
    #expect(state.forward().hidden.array == state.cells[2 * width].hidden.array)
  }

  /// What the outputs of the last layer hold at each row's ends is its last hidden state.
  @Test(arguments: [false, true]) func theLastHiddenState(bidirectional: Bool) {
    let lstm = StateNameTests.network(bidirectional: bidirectional)
    let lengths = [4, 2]
    let (outputs, state) = lstm(StateNameTests.input(), lengths: lengths)
    #expect(state.lastHidden.shape == [2, lstm.outputSize])
    for (row, length) in lengths.enumerated() {
      #expect(state.lastHidden[row, 0..<2].array == outputs[row, length - 1, 0..<2].array)
      if bidirectional { #expect(state.lastHidden[row, 2..<4].array == outputs[row, 0, 2..<4].array) }
    }
  }

  /// However a state came about, and whatever was done to it.
  @Test func everyWayToAStateKnowsItsDirections() throws {
    let (lstm, x) = (StateNameTests.network(bidirectional: true, merge: .sum), StateNameTests.input())
    var generator = Generator(seed: 6)
    let (_, last) = lstm(x)
    let stored: LSTM.State = try {
      var record = Record()
      record.store(last, as: "state")
      return try record.value("state")
    }()
    let rows: [(String, LSTM.State)] = [
      ("initial", lstm.initialState(batch: 2, .float64)), ("last", last), ("stacked", lstm.state(stacked: last.stacked)),
      ("stored", stored), ("trajectory", lstm.trajectory(x).states), ("detached", last.detached()),
      ("reset", last.resetting([true, false], to: lstm.initialState(batch: 2, .float64))),
      ("after one made of cells alone", lstm(x, from: LSTM.State(cells: last.cells)).state),
      ("without a batch", lstm(x[0]).state),
      ("in training", lstm(x, using: &generator).state),
    ]
    for (name, state) in rows {
      #expect(state.isBidirectional, "\(name)")
      #expect(state.backward(layer: 0).hidden.array == state.cells[1].hidden.array, "\(name)")
    }
    #expect(lstm.trajectory(x).states.lastHidden.shape == [2, 4, 4])
    let single = StateNameTests.network(bidirectional: false)
    #expect(!single(x, from: LSTM.State(cells: single(x).state.cells)).state.isBidirectional)
  }

  /// A derivative passes through the names.
  @Test func derivatives() {
    let (lstm, x) = (StateNameTests.network(bidirectional: true), StateNameTests.input())
    let named = gradient(at: lstm) { lstm in
      let state = lstm(x).state
      return state.lastHidden.square().sum() + state.backward(layer: 1).cell.sum()
    }
    let placed = gradient(at: lstm) { lstm in
      let cells = lstm(x).state.cells
      return cells[4].hidden.square().sum() + cells[5].hidden.square().sum() + cells[3].cell.sum()
    }
    for (a, b) in zip(named.parameters, placed.parameters) {
      #expect((a.tensor - b.tensor).magnitude().max().item < 1e-12, "\(a.name)")
    }
  }

  @Test func messages() async {
    let layer = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = StateNameTests.network(bidirectional: true).initialState(batch: 1).forward(layer: 3)
    }
    #expect(stopSentence(layer) == "forward: layer 3 is not one of the 3 layers of this state")
    let negative = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = StateNameTests.network(bidirectional: true).initialState(batch: 1).backward(layer: -4)
    }
    #expect(stopSentence(negative) == "backward: layer -4 is not one of the 3 layers of this state")
    let direction = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = StateNameTests.network(bidirectional: false).initialState(batch: 1).backward()
    }
    #expect(
      stopSentence(direction) == "backward: this state is of a network with one direction; its states are forward")
    let odd = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let cells = StateNameTests.network(bidirectional: false).initialState(batch: 1).cells
      _ = LSTM.State(cells: cells, bidirectional: true)
    }
    #expect(stopSentence(odd) == "RecurrentStates: 3 cells are not two for each layer")
  }
}
