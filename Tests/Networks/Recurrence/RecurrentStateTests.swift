import Testing
import UnrollArrays
import UnrollAutograd
import UnrollTestSupport

@testable import UnrollNetworks

/// States that are learned, reset and carried.
@Suite struct RecurrentStateTests {
  @Test func resettingMakesSomeRowsBeginAnew() {
    var generator = Generator(seed: 1)
    let lstm = LSTM(3, 4, layers: 2, .float64, using: &generator)
    let x = Tensor.normal([2, 5, 3], .float64, using: &generator)
    let (_, state) = lstm(x)
    let (outputs, _) = lstm(x, from: state.resetting([true, false], to: lstm.initialState(batch: 2, .float64)))
    #expect(outputs[0].array == lstm(x).outputs[0].array)
    #expect(outputs[1].array == lstm(x, from: state).outputs[1].array)
  }

  /// A row that begins anew begins where a new sequence would: with the learned state, whose gradient it adds to.
  @Test func resettingBeginsFromTheLearnedState() {
    var generator = Generator(seed: 1)
    var lstm = LSTM(3, 4, layers: 2, .float64, using: &generator).learningInitialState()
    lstm.initial = lstm.initial.map { Tensor.normal($0.shape, .float64, using: &generator) }
    let x = Tensor.normal([2, 5, 3], .float64, using: &generator)
    let carried = lstm(x).state.detached()
    let (_, outputs, slope) = valueAndGradient(at: lstm) { lstm in
      let begin = carried.resetting([true, false], to: lstm.initialState(batch: 2, .float64))
      let outputs = lstm(x, from: begin).outputs
      return (outputs.square().sum(), outputs)
    }
    #expect(outputs[0].array == lstm(x).outputs[0].array)
    #expect(outputs[1].array == lstm(x, from: carried).outputs[1].array)
    let alone = gradient(at: lstm) { $0(x[..<1]).outputs.square().sum() }
    for (found, expected) in zip(slope.initial, alone.initial) {
      #expect(found.array.isClose(to: expected.array, relative: 1e-12, absolute: 1e-14))
    }
  }

  @Test func aLearnedStateIsAParameterThatAllRowsShare() {
    var generator = Generator(seed: 1)
    let plain = LSTM(3, 4, .float64, using: &generator)
    let lstm = plain.learningInitialState()
    #expect(lstm.parameterCount == plain.parameterCount + 8)
    #expect(lstm.parameters.map(\.name).suffix(2) == ["initial.0", "initial.1"])
    let x = Tensor.normal([2, 5, 3], .float64, using: &generator)
    #expect(lstm(x).outputs.array == plain(x).outputs.array)
    let slope = gradient(at: lstm) { $0(x).outputs.sum() }
    let zeros = plain.initialState(batch: 2, .float64)
    let byState = gradient(at: zeros) { plain(x, from: $0).outputs.sum() }
    for (learned, rows) in zip(slope.initial, byState.tensors) {
      #expect(learned.array.isClose(to: rows.sum(axes: 0, keepingAxes: true).array, relative: 1e-12, absolute: 0))
    }
  }

  @Test func aStreamingStepTakesNoNewMemory() async {
    await #expect(processExitsWith: .success) {
      var generator = Generator(seed: 1)
      let stream = LSTM(32, 64, layers: 2, using: &generator).prepared()
      var state = stream.initialState(batch: 1)
      let x = Tensor.ones([1, 32])
      for _ in 0..<10 { _ = stream(x, state: &state) }
      let before = MemoryPool.figures
      for _ in 0..<100 { _ = stream(x, state: &state) }
      let after = MemoryPool.figures
      #expect(after.systemAllocations == before.systemAllocations)
      #expect(after.bytesInUse == before.bytesInUse)
    }
  }

  /// A mask is taken apart once for all steps, and no part of it copied: what a mask costs grows with the steps, not with their square.
  @Test func theStepsOfAMaskShareItsMemory() async {
    await #expect(processExitsWith: .success) {
      let mask = Mask((0..<1_000_000).map { $0 % 3 == 0 }, shape: [1000, 1000, 1])
      let before = MemoryPool.figures.bytesInUse
      let steps = mask.steps
      #expect(MemoryPool.figures.bytesInUse == before)
      #expect(steps.count == 1000 && steps[7].shape == [1000, 1])
      #expect(steps[7].values == Array(mask.values[7000..<8000]))
    }
  }

  @Test func aTrainingStepTakesNoNewMemory() async {
    await #expect(processExitsWith: .success) {
      Machine.threadCount = 1  // how much working memory threads need at once depends on when they wake
      var generator = Generator(seed: 1)
      let lstm = LSTM(32, 64, using: &generator)
      let x = Tensor.ones([8, 20, 32])
      for _ in 0..<3 { _ = gradient(at: lstm) { $0(x).outputs.square().mean() } }
      let before = MemoryPool.figures
      for _ in 0..<10 { _ = gradient(at: lstm) { $0(x).outputs.square().mean() } }
      #expect(MemoryPool.figures.systemAllocations == before.systemAllocations)
    }
  }

  /// An input without bound drives gates to their ends, one step at a time as in a sequence.
  @Test func infiniteInputsStepOneByOne() {
    var generator = Generator(seed: 4)
    let gru = GRU(2, 5, .float64, using: &generator)
    let x = Tensor([.infinity, 1, -.infinity, 0.5, 2, 3], shape: [3, 2])
    let (stream, outputs) = (gru.prepared(), gru(x.expandingAxis(0)).outputs)
    var state = stream.initialState(batch: 1, .float64)
    for t in 0..<3 {
      let output = stream(x[t].expandingAxis(0), state: &state)
      #expect(output.array.isClose(to: outputs[0, t].expandingAxis(0).array, relative: 1e-12, absolute: 1e-14))
      #expect(output.array.magnitude().max().item <= 1)
    }
  }

  /// With an interval near the root of the number of steps, what training holds beside the input and the outputs grows as that root
  /// does: four times the steps, twice the memory.
  @Test func checkpointsHoldTheRootOfTheSteps() async {
    await #expect(processExitsWith: .success) {
      var generator = Generator(seed: 1)
      var lstm = LSTM(8, 8, using: &generator)
      func intermediates(_ steps: Int, _ interval: Int?) -> Int {
        lstm.checkpointInterval = interval
        let x = Tensor.zeros([1, steps, 8])
        let start = MemoryPool.figures.bytesInUse
        let outputs = withExtendedLifetime(NDArray.full([steps + 1, 1, 8], 1)) { MemoryPool.figures.bytesInUse - start }
        let before = MemoryPool.figures.bytesInUse
        MemoryPool.resetPeak()
        _ = gradient(at: lstm) { $0(x).state.cells[0].hidden.square().sum() }
        return MemoryPool.figures.peakBytesInUse - before - outputs
      }
      let (short, long) = (intermediates(2500, 50), intermediates(10000, 100))
      #expect(Double(long) < 2.1 * Double(short), "\(short) bytes for 2500 steps, \(long) for 10000")
      #expect(10 * long < intermediates(10000, nil))
    }
  }
}
