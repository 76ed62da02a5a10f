import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTestSupport
import UnrollTraining

/// Several documents in rows: every target once, and no document feels another.
@Suite struct DocumentWindowsTests {
  private static let documents = [[1, 2, 3, 4, 5, 6, 7, 8], [4, 3], [9], [], [5, 6, 7], [2, 2, 4, 6, 8], [7, 1, 0]]

  @Test func anExample() {
    let windows = Array(DocumentWindows([[1, 2, 3, 4], [5, 6], [7, 8, 9]], batch: 2, steps: 2))
    #expect(windows.map(\.inputs) == [Indices([1, 2, 5, 0], shape: [2, 2]), Indices([3, 0, 7, 8], shape: [2, 2])])
    #expect(windows.map(\.targets) == [Indices([2, 3, 6, 0], shape: [2, 2]), Indices([4, 0, 8, 9], shape: [2, 2])])
    #expect(windows.map(\.mask.values) == [[true, true, true, false], [true, false, true, true]])
    #expect(windows.map(\.begins) == [[true, true], [false, true]])
    #expect(windows.map(\.targetCount) == [3, 3])
  }

  @Test(arguments: [1, 2, 3, 9], [1, 2, 5, 100]) func windowsSumToTheDocuments(batch: Int, steps: Int) {
    var generator = Generator(seed: 6)
    let embedding = Embedding(10, 3, .float64, using: &generator)
    let lstm = LSTM(3, 10, .float64, using: &generator)
    var (sum, state) = (WeightedMean(), LSTM.State?.none)
    for window in DocumentWindows(Self.documents, batch: batch, steps: steps) {
      let begin = state?.resetting(window.begins, to: lstm.initialState(batch: batch, .float64))
      let (outputs, next) = lstm(embedding(window.inputs), from: begin, mask: window.mask)
      let loss = crossEntropy(outputs, window.targets, mask: window.mask)
      sum.add(loss.item, weight: Double(window.targetCount))
      state = next
    }
    var expected = WeightedMean()
    for document in Self.documents where document.count > 1 {
      let ids = Indices(document, shape: [1, document.count])
      let outputs = lstm(embedding(ids[.all, ..<(-1)])).outputs
      expected.add(crossEntropy(outputs, ids[.all, 1...]).item, weight: Double(document.count - 1))
    }
    #expect(sum.weight == expected.weight)
    #expect(abs(sum.value - expected.value) < 1e-13)
  }

  @Test func misuseMessages() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = DocumentWindows([[1], []], batch: 1, steps: 1)
    }
    #expect(
      stopSentence(result) == "DocumentWindows: none of 2 documents has two ids, an input and its target")
  }
}
