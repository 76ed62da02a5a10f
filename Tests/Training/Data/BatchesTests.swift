import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTestSupport
import UnrollTraining

/// Batches, splits, padding and windows of series: each example once.
@Suite struct BatchesTests {
  @Test func everyExampleOnce() {
    var generator = Generator(seed: 8)
    #expect(Array(Batches(count: 7, size: 3)) == [[0, 1, 2], [3, 4, 5], [6]])
    let shuffled = Batches(count: 100, size: 7, using: &generator)
    #expect(shuffled.map(\.count) == Array(repeating: 7, count: 14) + [2])
    #expect(shuffled.joined().sorted() == Array(0..<100) && Array(shuffled.joined()) != Array(0..<100))
    var same = Generator(seed: 8)
    #expect(Array(Batches(count: 100, size: 7, using: &same)) == Array(shuffled))
    #expect(Array(Batches(count: 100, size: 7, using: &same)) != Array(shuffled))
  }

  @Test func similarLengthsTogether() {
    var generator = Generator(seed: 9)
    let lengths = (0..<50).map { 1 + $0 * 37 % 23 }
    let batches = Batches(lengths: lengths, size: 8, using: &generator)
    #expect(batches.joined().sorted() == Array(0..<50))
    // Of any two batches one ends before the other begins.
    let ranges = batches.map { batch in batch.map { lengths[$0] } }.sorted {
      ($0.min() ?? 0, $0.max() ?? 0) < ($1.min() ?? 0, $1.max() ?? 0)
    }
    for (a, b) in zip(ranges, ranges.dropFirst()) { #expect((a.max() ?? 0) <= (b.min() ?? 0)) }
    let firsts = batches.map { lengths[$0[0]] }
    #expect(firsts != firsts.sorted())
    #expect(Array(Batches(lengths: lengths, size: 8, using: &generator)) != Array(batches))
  }

  @Test func splits() {
    var generator = Generator(seed: 1)
    let split = Split(count: 100, validation: 0.1, test: 0.2, using: &generator)
    #expect([split.training.count, split.validation.count, split.test.count] == [70, 10, 20])
    #expect((split.training + split.validation + split.test).sorted() == Array(0..<100))
    let ordered = Split(inOrder: 5, validation: 0.5, test: 0.5)
    #expect(ordered.training.isEmpty && ordered.validation == [0, 1] && ordered.test == [2, 3, 4])
    #expect(Split(inOrder: 5, validation: 0.2).training == [0, 1, 2, 3])
  }

  @Test func padding() {
    let (ids, lengths) = Indices.stackPadded([[1, 2, 3], [], [4]], with: 9)
    #expect(ids == Indices([1, 2, 3, 9, 9, 9, 4, 9, 9], shape: [3, 3]) && lengths == [3, 0, 1])
    var generator = Generator(seed: 2)
    let rows = [5, 2, 3].map { Tensor.normal([$0, 3], .float64, using: &generator) }
    let (batch, steps) = Tensor.stackPadded(rows, with: 100)
    #expect(batch.shape == [3, 5, 3] && steps == [5, 2, 3])
    let lstm = LSTM(3, 4, .float64, using: &generator)
    let state = lstm(batch, lengths: steps).state.cells[0].hidden
    for (i, row) in rows.enumerated() {
      #expect(lstm(row).state.cells[0].hidden.array.isClose(to: state[i].array, relative: 1e-12), "as if alone")
    }
    let slope = gradient(at: rows[1]) { (Tensor.stackPadded([rows[0], $0]).tensor * 3).sum() }
    #expect(slope.array == NDArray.full([2, 3], 3, .float64))
  }

  @Test func series() {
    let series = Tensor(NDArray.range(20).reshaped([10, 2]))
    let windows = SeriesWindows(series, inputs: 4, horizon: 2, stride: 2)
    #expect(windows.count == 3)
    #expect(windows[1].inputs.array == series[2..<6].array && windows[1].targets.array == series[6..<8].array)
    let (inputs, targets) = windows.batch([2, 0])
    #expect(inputs.shape == [2, 4, 2] && targets.shape == [2, 2, 2])
    #expect(inputs[0].array == series[4..<8].array && targets[1].array == series[4..<6].array)
    #expect(SeriesWindows(series, inputs: 7, horizon: 3).count == 1)
  }

  @Test func misuseMessages() async {
    let none = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { _ = Batches(count: 0, size: 2) }
    #expect(stopSentence(none) == "Batches: 0 examples do not make a batch")
    let size = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { _ = Batches(count: 3, size: 0) }
    #expect(stopSentence(size) == "Batches: a batch size of 0 is not positive")
    let parts = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Split(inOrder: 3, validation: 0.7, test: 0.5)
    }
    #expect(stopSentence(parts) == "Split: fractions of 0.7 and 0.5 are negative or sum to more than 1")
    let long = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = SeriesWindows(Tensor.ones([5]), inputs: 4, horizon: 2)
    }
    #expect(stopSentence(long) == "SeriesWindows: 4 inputs and a horizon of 2 steps are longer than the series of 5")
    let rows = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.stackPadded([Tensor.ones([5, 2]), Tensor.ones([5, 3])])
    }
    #expect(
      stopSentence(rows)
        == "stackPadded: row 1, float32 of shape [5, 3], does not fit row 0, float32 of shape [5, 2]")
    let noRows = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { _ = Indices.stackPadded([]) }
    #expect(stopSentence(noRows) == "stackPadded: there are no rows")
  }
}
