import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTestSupport

/// What losses say about targets that do not fit.
@Suite struct LossMessageTests {
  @Test func labels() async {
    let large = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = crossEntropy(Tensor.zeros([2, 2, 5]), Indices([0, 1, 2, 5], shape: [2, 2]))
    }
    #expect(stopSentence(large) == "crossEntropy: label 5 at position [1, 1] is not one of 5 classes")
    let negative = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = crossEntropy(Tensor.zeros([2, 5]), [-1, -100], ignoring: -1)
    }
    #expect(stopSentence(negative) == "crossEntropy: label -100 at position [1] is not one of 5 classes")
  }

  @Test func shapes() async {
    let labels = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = crossEntropy(Tensor.zeros([4, 5, 3]), Indices([0, 1, 2, 3]))
    }
    #expect(stopSentence(labels) == "crossEntropy: labels of shape [4] do not fit logits of shape [4, 5, 3]")
    let scalar = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = crossEntropy(Tensor(1), Indices([0], shape: []))
    }
    #expect(stopSentence(scalar) == "crossEntropy: logits of shape [] have no classes")
    let empty = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = crossEntropy(Tensor.zeros([2, 0]), probabilities: Tensor.zeros([2, 0]))
    }
    #expect(stopSentence(empty) == "crossEntropy: logits of shape [2, 0] have no classes")
    let mask = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = crossEntropy(Tensor.zeros([2, 5]), [0, 1], mask: [true])
    }
    #expect(stopSentence(mask) == "crossEntropy: a mask of shape [1] does not fit labels of shape [2]")
    let probabilities = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = crossEntropy(Tensor.zeros([2, 5]), probabilities: Tensor.zeros([5]))
    }
    #expect(stopSentence(probabilities) == "crossEntropy: probabilities of shape [5] do not fit logits of shape [2, 5]")
    let targets = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = crossEntropy(Tensor.zeros([2, 5]), probabilities: Tensor.zeros([2, 5]), mask: [true])
    }
    #expect(stopSentence(targets) == "crossEntropy: a mask of shape [1] does not fit targets of shape [2]")
  }

  @Test func options() async {
    let weights = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = crossEntropy(Tensor.zeros([2, 5]), [0, 1], classWeights: Tensor.ones([4]))
    }
    #expect(stopSentence(weights) == "crossEntropy: class weights of shape [4] do not fit 5 classes")
    let ofProbabilities = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = crossEntropy(Tensor.zeros([2, 5]), probabilities: Tensor.zeros([2, 5]), classWeights: Tensor.ones([4]))
    }
    #expect(stopSentence(ofProbabilities) == "crossEntropy: class weights of shape [4] do not fit 5 classes")
    let smoothed = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = crossEntropy(Tensor.zeros([2, 5]), probabilities: Tensor.zeros([2, 5]), smoothing: -0.5)
    }
    #expect(stopSentence(smoothed) == "crossEntropy: a smoothing of -0.5 is not in 0...1")
    let smoothing = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = crossEntropy(Tensor.zeros([2, 5]), [0, 1], smoothing: 1.5)
    }
    #expect(stopSentence(smoothing) == "crossEntropy: a smoothing of 1.5 is not in 0...1")
  }

  @Test func noMean() async {
    let ignored = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = crossEntropy(Tensor.zeros([2, 5]), [-1, -1], ignoring: -1)
    }
    #expect(stopSentence(ignored) == "crossEntropy: none of 2 targets counts, so there is no mean")
    let masked = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = crossEntropy(Tensor.zeros([2, 5]), probabilities: Tensor.ones([2, 5]), mask: [false, false])
    }
    #expect(stopSentence(masked) == "crossEntropy: none of 2 targets counts, so there is no mean")
    let weights = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = crossEntropy(Tensor.zeros([2, 2]), [1, 1], classWeights: [1, 0])
    }
    #expect(
      stopSentence(weights) == "crossEntropy: the weights of the labels that count sum to 0.0, so there is no mean")
  }

  @Test func squares() async {
    let shapes = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = meanSquaredError(Tensor.zeros([2, 1]), Tensor.zeros([2]))
    }
    #expect(stopSentence(shapes) == "meanSquaredError: shapes [2, 1] and [2] differ")
    let empty = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = meanSquaredError(Tensor.zeros([0, 2]), Tensor.zeros([0, 2]))
    }
    #expect(stopSentence(empty) == "meanSquaredError: shape [0, 2] has no elements, so there is no mean")
  }
}
