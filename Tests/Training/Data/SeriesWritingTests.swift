import Foundation
import Testing
import UnrollArrays
import UnrollAutograd
import UnrollFiles
import UnrollNetworks
import UnrollTestSupport
import UnrollTraining

/// Sets of series made here: written and read again, and side by side in batches.
@Suite struct SeriesWritingTests {
  @Test(arguments: [ElementType.float32, .float64], ["Two Kinds", ""]) func whatIsWrittenIsReadAgain(
    _ type: ElementType, _ name: String
  ) throws {
    var generator = Generator(seed: 1)
    let cases = [3, 1, 7].map { steps in
      let numbers = NDArray.normal([steps, 2], deviation: 1e6, type, using: &generator)
      return Tensor(
        Mask.bernoulli([steps, 2], probability: 0.3, using: &generator).select(NDArray.full([steps, 2], .nan, type), numbers))
    }
    let set = SeriesFile(name: name, classes: ["calm", "wild"], cases: cases, labels: [1, 0, 1])
    let read = try withTemporaryFile([]) { path in
      try set.write(to: path)
      return try SeriesFile(contentsOf: path, type)
    }
    #expect(read.name == name && read.dimensions == 2 && read.classes == set.classes && read.labels == set.labels)
    #expect(read.lines == set.lines && read.lengths == [3, 1, 7])
    for (a, b) in zip(read.cases, cases) {
      #expect(a.shape == b.shape && a.array.isClose(to: b.array, relative: 0, absolute: 0))
    }
    #expect(read.text == set.text)
  }

  @Test func otherSortsOfSetsAsText() throws {
    for text in [
      "@targetlabel true\n@data\n1,2:0.5\n3:-1\n", "@data\n1,?\n", "@problemName A b\n@classLabel true x y\n@data\n1:2:x",
    ] {
      let set = try SeriesFile(text: text)
      let again = try SeriesFile(text: set.text)
      #expect(again.targets == set.targets && again.labels == set.labels && again.classes == set.classes)
      #expect(again.lengths == set.lengths && again.dimensions == set.dimensions && again.name == set.name)
    }
  }

  @Test func aFolderIsMade() throws {
    let set = try SeriesFile(text: "@data\n1,2")
    try withTemporaryFile([]) { path in
      #expect(throws: ArrayFileError.self) { try set.write(to: "\(path)/set.ts") }
      try set.write(to: "\(path)-folder/set.ts")
      #expect(try SeriesFile(contentsOf: "\(path)-folder/set.ts").lengths == [2])
      try FileManager.default.removeItem(atPath: "\(path)-folder")
    }
  }

  /// Padding and missing numbers are left out by the mask: an LSTM says of each case what it says of the steps that are whole.
  @Test func batchesLeaveOutWhatIsMissing() throws {
    let set = try SeriesFile(text: "@classLabel true a b\n@data\n1,2,?,4:5,6,7,8:b\n1,2:3,?:a\n0.5:1:b")
    let batch = set.batch([2, 0, 1])
    #expect(batch.inputs.shape == [3, 4, 2] && batch.lengths == [1, 4, 2] && batch.labels.values == [1, 1, 0])
    #expect(batch.mask.values == [true, false, false, false, true, true, false, true, true, false, false, false])
    var generator = Generator(seed: 2)
    let lstm = LSTM(2, 3, using: &generator)
    let hidden = lstm(batch.inputs, mask: batch.mask).state.cells[0].hidden
    let whole = Tensor([1, 5, 2, 6, 4, 8] as [Float], shape: [1, 3, 2])
    #expect(hidden[1].array.isClose(to: lstm(whole).state.cells[0].hidden[0].array, relative: 1e-5, absolute: 1e-6))
    let slope = gradient(at: lstm) { $0(batch.inputs, mask: batch.mask).state.cells[0].hidden.sum() }
    #expect(slope.norm.isFinite && slope.norm > 0)
    #expect(try SeriesFile(text: "@data\n1").batch([0]).labels.count == 0)
  }

  @Test func whatMakesNoSet() async {
    let shape = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = SeriesFile(classes: ["a"], cases: [Tensor.ones([2, 3]), Tensor.ones([2, 2])], labels: [0, 0])
    }
    #expect(stopSentence(shape) == "SeriesFile: case 1 of shape [2, 2] is not [time, dimensions] like case 0 of shape [2, 3]")
    let label = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = SeriesFile(classes: ["a"], cases: [Tensor.ones([2, 3])], labels: [1])
    }
    #expect(stopSentence(label) == "SeriesFile: the label 1 is not one of 1 classes")
    let name = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = SeriesFile(classes: ["a b"], cases: [Tensor.ones([2, 3])], labels: [0])
    }
    #expect(stopSentence(name) == "SeriesFile: \"a b\" cannot name a class in a file: names are words without colons")
    let position = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = SeriesFile(classes: ["a"], cases: [Tensor.ones([2, 3])], labels: [0]).batch([1])
    }
    #expect(stopSentence(position) == "SeriesFile: there is no case 1 of 1")
  }
}
