import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTestSupport

/// Counting right and wrong predictions.
@Suite struct ConfusionMatrixTests {
  @Test func accuracies() {
    let scores: Tensor = [[[2, 0, -1], [0, 1, 0]], [[0, 0, 3], [1, 1, 0]]]
    #expect(accuracy(scores, Indices([0, 2, 2, 0], shape: [2, 2])) == 0.75)
    #expect(accuracy(scores, Indices([0, -1, 2, 0], shape: [2, 2]), ignoring: -1) == 1)
    let mask = Mask([false, true, true, false], shape: [2, 2])
    #expect(accuracy(scores, Indices([7, 2, 2, 7], shape: [2, 2]), mask: mask) == 0.5)
  }

  @Test func counts() {
    var matrix = ConfusionMatrix(classes: 3)
    matrix.add(predictions: [0, 1, 1, 2], labels: [0, 0, 1, -1], ignoring: -1)
    matrix.add(scores: [[0, 5, 1], [9, 0, 0]], labels: [1, 9], mask: [true, false])
    #expect(matrix.counts == [[1, 1, 0], [0, 2, 0], [0, 0, 0]])
    #expect(matrix.total == 4 && matrix.accuracy == 0.75)
    #expect(matrix.precision(of: 0) == 1 && matrix.precision(of: 1) == 2.0 / 3)
    #expect(matrix.recall(of: 0) == 0.5 && matrix.recall(of: 1) == 1)
    #expect(matrix.f1(of: 0) == 2.0 / 3 && matrix.f1(of: 1) == 0.8)
    #expect(matrix.precision(of: 2).isNaN && matrix.recall(of: 2).isNaN && matrix.f1(of: 2).isNaN)
    #expect(ConfusionMatrix(classes: 2).accuracy.isNaN)
  }

  /// A diverged model's scores are right nowhere, not even where the label is 0.
  @Test func scoresThatHoldNaN() {
    let scores = Tensor([.nan, .nan, .nan, 5, .nan, 0, 0, 1, .infinity, 3, 1, 0] as [Float], shape: [4, 3])
    #expect(accuracy(scores, [0, 0, 2, 0]) == 0.5)
    #expect(accuracy(scores, [1, 1, 2, 0]) == 0.5)
    #expect(accuracy(scores, [0, 0, 2, 0], mask: [true, false, false, true]) == 0.5)
    var matrix = ConfusionMatrix(classes: 3)
    matrix.add(scores: scores, labels: [0, 0, 2, 0])
    #expect(matrix.counts == [[1, 0, 0], [0, 0, 0], [0, 0, 1]] && matrix.undecided == [2, 0, 0])
    #expect(matrix.total == 4 && matrix.accuracy == 0.5 && matrix.recall(of: 0) == 1.0 / 3 && matrix.precision(of: 0) == 1)
    #expect(matrix.f1(of: 0) == 0.5)
    #expect(matrix.description.hasSuffix("\naccuracy 0.5000 of 4, of which 2 without a prediction"))
  }

  @Test func printed() {
    var matrix = ConfusionMatrix(classes: ["cat", "dog", "whale"])
    matrix.add(predictions: [0, 1, 1], labels: [0, 0, 1])
    #expect(
      matrix.description == """
                cat   dog whale  precision recall     f1
          cat     1     1     0     1.0000 0.5000 0.6667
          dog     0     1     0     0.5000 1.0000 0.6667
        whale     0     0     0          -      -      -
        accuracy 0.6667 of 3
        """)
  }

  @Test func messages() async {
    let none = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = accuracy(Tensor.zeros([2, 3]), [0, 0], ignoring: 0)
    }
    #expect(stopSentence(none) == "accuracy: none of 2 targets counts, so there is no mean")
    let label = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = accuracy(Tensor.zeros([2, 3]), [0, 3])
    }
    #expect(stopSentence(label) == "accuracy: label 3 at position [1] is not one of 3 classes")
    let classes = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ConfusionMatrix(classes: 0)
    }
    #expect(stopSentence(classes) == "ConfusionMatrix: there are no classes")
    let shapes = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var matrix = ConfusionMatrix(classes: 2)
      matrix.add(predictions: [0], labels: [0, 1])
    }
    #expect(stopSentence(shapes) == "ConfusionMatrix: predictions of shape [1] do not fit labels of shape [2]")
    let prediction = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var matrix = ConfusionMatrix(classes: 2)
      matrix.add(predictions: [2], labels: [0])
    }
    #expect(stopSentence(prediction) == "ConfusionMatrix: prediction 2 is not one of 2 classes")
    let scores = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var matrix = ConfusionMatrix(classes: 2)
      matrix.add(scores: Tensor.zeros([1, 3]), labels: [0])
    }
    #expect(stopSentence(scores) == "ConfusionMatrix: scores of shape [1, 3] do not fit 2 classes")
    let number = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ConfusionMatrix(classes: 2).recall(of: 2)
    }
    #expect(stopSentence(number) == "ConfusionMatrix: class 2 is not one of 2")
  }
}
