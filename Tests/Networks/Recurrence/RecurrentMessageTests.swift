import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTestSupport

/// What recurrent layers say about what does not fit.
@Suite struct RecurrentMessageTests {
  private static func lstm(bidirectional: Bool = false) -> LSTM {
    var generator = Generator(seed: 1)
    return LSTM(3, 4, bidirectional: bidirectional, using: &generator)
  }

  @Test func inputs() async {
    let features = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Self.lstm()(Tensor.zeros([2, 5, 2]))
    }
    #expect(stopSentence(features) == "LSTMCell: inputs of 2 features do not fit weights for 3")
    let empty = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Self.lstm()(Tensor.zeros([0, 5, 3]))
    }
    #expect(stopSentence(empty) == "Recurrent: an input of shape [0, 5, 3] has no steps or no rows")
    let vector = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Self.lstm()(Tensor.zeros([3]))
    }
    #expect(
      stopSentence(vector) == "Recurrent: an input of shape [3] is not a sequence (three axes, or two without a batch)")
    let type = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Self.lstm()(Tensor.zeros([2, 5, 3], .float64))
    }
    #expect(stopSentence(type) == "LSTMCell: float32 and float64 do not mix; cast one of them")
  }

  @Test func states() async {
    let rows = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Self.lstm()(Tensor.zeros([2, 5, 3]), from: Self.lstm().initialState(batch: 3))
    }
    #expect(stopSentence(rows) == "Recurrent: a state of shape [3, 4] does not fit 2 rows of 4 features")
    let count = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Self.lstm()(Tensor.zeros([2, 5, 3]), from: Self.lstm(bidirectional: true).initialState(batch: 2))
    }
    #expect(stopSentence(count) == "Recurrent: a state of 2 cells does not fit 1 cells")
    let learned = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var lstm = Self.lstm()
      lstm.initial = [Tensor.zeros([1, 4])]
      _ = lstm(Tensor.zeros([2, 5, 3]))
    }
    #expect(
      stopSentence(learned)
        == "Recurrent: initial states of shapes [[1, 4]] do not fit cells with states [[2, 4], [2, 4]] per row")
    let reset = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let state = Self.lstm().initialState(batch: 2)
      _ = state.resetting([true], to: state)
    }
    #expect(stopSentence(reset) == "resetting: 1 rows do not fit a state of shape [2, 4]")
    let other = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Self.lstm().initialState(batch: 2).resetting([true, false], to: Self.lstm().initialState(batch: 1))
    }
    #expect(
      stopSentence(other)
        == "resetting: an initial state of shapes [[1, 4], [1, 4]] does not fit one of shapes [[2, 4], [2, 4]]")
    let mixed = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Self.lstm().initialState(batch: 1).resetting([true], to: Self.lstm().initialState(batch: 1, .float64))
    }
    #expect(
      stopSentence(mixed) == "resetting: a float32 state and a float64 initial one do not mix; cast one of them")
  }

  @Test func lengthsAndMasks() async {
    let long = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Self.lstm()(Tensor.zeros([2, 5, 3]), lengths: [5, 6])
    }
    #expect(stopSentence(long) == "Recurrent: a length of 6 is not in 1...5")
    let zero = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Self.lstm()(Tensor.zeros([2, 5, 3]), lengths: [0, 5])
    }
    #expect(stopSentence(zero) == "Recurrent: a length of 0 is not in 1...5")
    let few = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Self.lstm()(Tensor.zeros([2, 5, 3]), lengths: [5])
    }
    #expect(stopSentence(few) == "Recurrent: 1 lengths do not fit 2 rows")
    let shape = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Self.lstm()(Tensor.zeros([2, 5, 3]), mask: Mask(repeating: true, shape: [5, 2]))
    }
    #expect(stopSentence(shape) == "Recurrent: a mask of shape [5, 2] is not [2, 5]")
    let both = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Self.lstm()(Tensor.zeros([2, 5, 3]), lengths: [5, 5], mask: Mask(repeating: true, shape: [2, 5]))
    }
    #expect(stopSentence(both) == "Recurrent: give lengths or a mask, not both")
  }

  @Test func networks() async {
    let merge = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      let cells = [LSTMCell(3, 4, using: &generator), LSTMCell(3, 5, using: &generator)]
      _ = Recurrent(forward: [cells[0]], backward: [cells[1]], merge: .sum)
    }
    #expect(stopSentence(merge) == "Recurrent: outputs of 4 and 5 features can only be concatenated")
    let rate = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var lstm = Self.lstm()
      lstm.recurrentDropout = 1
    }
    #expect(stopSentence(rate) == "Recurrent: a recurrentDropout of 1.0 is not in 0..<1")
    let interval = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var lstm = Self.lstm()
      lstm.checkpointInterval = 0
    }
    #expect(stopSentence(interval) == "Recurrent: a checkpoint interval of 0 steps is not positive")
    let weights = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = LSTMCell(inputWeight: Tensor.zeros([3, 16]), recurrentWeight: Tensor.zeros([4, 12]), bias: nil)
    }
    #expect(
      stopSentence(weights)
        == "LSTMCell: recurrentWeight has the shape [4, 12], not [hidden, 4·hidden]")
  }

  @Test func preparedSteps() async {
    let directions = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Self.lstm(bidirectional: true).prepared()
    }
    #expect(
      stopSentence(directions)
        == "prepared: a network that runs backward in time needs the whole sequence and cannot run single steps")
    let features = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let stream = Self.lstm().prepared()
      var state = stream.initialState(batch: 1)
      _ = stream(Tensor.zeros([1, 2]), state: &state)
    }
    #expect(stopSentence(features) == "prepared: inputs of shape [1, 2] do not fit a cell of 3 inputs")
    let rows = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let stream = Self.lstm().prepared()
      var state = stream.initialState(batch: 1)
      _ = stream(Tensor.zeros([2, 3]), state: &state)
    }
    #expect(stopSentence(rows) == "prepared: a state of shape [1, 4] does not fit 2 rows of 4 features")
    let plain = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let stream = Self.lstm().modifyingCells { MemoryClipped($0, bound: 1) }.prepared()
      var state = stream.initialState(batch: 1)
      _ = stream(Tensor.zeros([2, 3]), state: &state)
    }
    #expect(stopSentence(plain) == "prepared: a state of shape [1, 4] does not fit 2 rows of 4 features")
  }

  @Test func preparedTypes() async {
    let inputs = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let stream = Self.lstm().cast(to: .float64).prepared()
      var state = stream.initialState(batch: 1)
      _ = stream(Tensor.ones([1, 3]), state: &state)
    }
    #expect(stopSentence(inputs) == "prepared: float32 inputs and float64 parameters do not mix; cast one of them")
    let state = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let stream = Self.lstm().cast(to: .float64).prepared()
      var state = stream.initialState(batch: 1)
      _ = stream(Tensor.ones([1, 3], .float64), state: &state)
    }
    #expect(stopSentence(state) == "prepared: a float32 state and float64 parameters do not mix; cast one of them")
    let composite = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let stream = Self.lstm().cast(to: .float64).modifyingCells { MemoryClipped($0, bound: 1) }.prepared()
      var state = stream.initialState(batch: 1)
      _ = stream(Tensor.ones([1, 3], .float64), state: &state)
    }
    #expect(stopSentence(composite) == "prepared: a float32 state and float64 parameters do not mix; cast one of them")
  }
}
