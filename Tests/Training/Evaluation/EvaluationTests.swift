import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTestSupport
import UnrollTraining

/// One call that says what a classifier is worth.
@Suite struct EvaluationTests {
  private static let names = ["a", "b", "c"]

  private static func data() -> (scores: Tensor, labels: Indices) {
    var generator = Generator(seed: 2)
    let scores = Tensor.normal([7, 4, 3], deviation: 2, .float64, using: &generator)
    let labels = (0..<28).map { _ in Int.random(in: -1..<3, using: &generator) }
    return (scores, Indices(labels, shape: [7, 4]))
  }

  /// However the examples are divided into batches, and whichever way padding is excluded, the numbers are those of the whole.
  @Test(arguments: [1, 2, 3, 7]) func batchesAddUpToTheWhole(size: Int) {
    let (scores, labels) = EvaluationTests.data()
    let mask = Mask(labels.values.map { $0 >= 0 }, shape: labels.shape)
    var matrix = ConfusionMatrix(classes: EvaluationTests.names)
    matrix.add(scores: scores, labels: labels, ignoring: -1)
    let loss = crossEntropy(scores, labels, ignoring: -1).item
    let batches = Batches(count: 7, size: size)
    let ignoring = Evaluation(of: batches, classes: EvaluationTests.names, ignoring: -1) { rows in
      (scores.gathered(rows: Indices(rows)), labels[rows[0]..<rows[0] + rows.count])
    }
    let masked = Evaluation(of: batches, classes: EvaluationTests.names) { rows in
      let range = rows[0]..<rows[0] + rows.count
      return (scores[range], labels[range], mask[range])
    }
    for evaluation in [ignoring, masked] {
      #expect(evaluation.confusion == matrix && evaluation.accuracy == matrix.accuracy && matrix.total < 28)
      #expect(abs(evaluation.loss - loss) < 1e-14)
    }
  }

  /// A batch of padding alone has no mean, and changes nothing.
  @Test func nothingToCount() throws {
    var evaluation = Evaluation(classes: EvaluationTests.names)
    #expect(evaluation.loss.isNaN && evaluation.accuracy.isNaN)
    evaluation.add(scores: Tensor.zeros([2, 3]), labels: [0, 0], ignoring: 0)
    #expect(evaluation.loss.isNaN && evaluation.confusion.total == 0)
    evaluation.add(scores: [[0, 0, 0]], labels: [0])
    #expect(evaluation.accuracy == 1 && abs(evaluation.loss - 1.0986122886681098) < 1e-6)
    struct Failure: Error {}
    #expect(throws: Failure.self) {
      _ = try Evaluation(of: [1, 2], classes: ["a"]) { (_: Int) throws -> (scores: Tensor, labels: Indices) in throw Failure() }
    }
  }

  @Test func printed() {
    var evaluation = Evaluation(classes: ["cat", "dog"])
    evaluation.add(scores: Tensor([0, 0, 0, 2] as [Double], shape: [2, 2]), labels: [0, 0])
    #expect(
      evaluation.description == """
            cat dog  precision recall     f1
        cat   1   1     1.0000 0.5000 0.6667
        dog   0   0     0.0000      - 0.0000
        accuracy 0.5000 of 2
        loss 1.410
        """)
  }

  @Test func messages() async {
    let classes = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var evaluation = Evaluation(classes: ["a"])
      evaluation.add(scores: Tensor.zeros([1, 3]), labels: [0])
    }
    #expect(stopSentence(classes) == "ConfusionMatrix: scores of shape [1, 3] do not fit 1 classes")
    let label = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var evaluation = Evaluation(classes: ["a", "b"])
      evaluation.add(scores: Tensor.zeros([1, 2]), labels: [2])
    }
    #expect(stopSentence(label) == "ConfusionMatrix: label 2 at position [0] is not one of 2 classes")
  }
}
