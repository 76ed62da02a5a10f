import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTestSupport

/// What the losses beside cross-entropy say about what does not fit.
@Suite struct FurtherLossMessageTests {
  @Test func likelihood() async {
    let label = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = negativeLogLikelihood(Tensor.zeros([2, 5]), [0, 5])
    }
    #expect(stopSentence(label) == "negativeLogLikelihood: label 5 at position [1] is not one of 5 classes")
    let shape = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = negativeLogLikelihood(Tensor.zeros([2, 5]), [0])
    }
    #expect(stopSentence(shape) == "negativeLogLikelihood: labels of shape [1] do not fit logarithms of shape [2, 5]")
    let weights = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = negativeLogLikelihood(Tensor.zeros([2, 5]), [0, 1], classWeights: [1])
    }
    #expect(stopSentence(weights) == "negativeLogLikelihood: class weights of shape [1] do not fit 5 classes")
    let none = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = negativeLogLikelihood(Tensor.zeros([2, 5]), [0, 0], ignoring: 0)
    }
    #expect(stopSentence(none) == "negativeLogLikelihood: none of 2 targets counts, so there is no mean")
  }

  @Test func distances() async {
    let binary = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = binaryCrossEntropy(Tensor.zeros([2]), Tensor.zeros([3]))
    }
    #expect(stopSentence(binary) == "binaryCrossEntropy: shapes [2] and [3] differ")
    let weights = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = binaryCrossEntropy(Tensor.zeros([2]), Tensor.zeros([2]), positiveWeight: Tensor.ones([2, 1]))
    }
    #expect(stopSentence(weights) == "binaryCrossEntropy: a weight of yes of shape [2, 1] does not broadcast to shape [2]")
    let absolute = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = meanAbsoluteError(Tensor.zeros([0]), Tensor.zeros([0]))
    }
    #expect(stopSentence(absolute) == "meanAbsoluteError: shape [0] has no elements, so there is no mean")
    let delta = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = huberLoss(Tensor.zeros([1]), Tensor.zeros([1]), delta: 0)
    }
    #expect(stopSentence(delta) == "huberLoss: a delta of 0.0 is not positive")
    let beta = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = smoothAbsoluteError(Tensor.zeros([1]), Tensor.zeros([1]), beta: -1)
    }
    #expect(stopSentence(beta) == "smoothAbsoluteError: a beta of -1.0 is not positive")
  }

  @Test func distributionsAndVectors() async {
    let divergence = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = klDivergence(Tensor.zeros([2, 3]), Tensor.zeros([3]))
    }
    #expect(stopSentence(divergence) == "klDivergence: shapes [2, 3] and [3] differ")
    let empty = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = klDivergence(Tensor.zeros([0, 3]), Tensor.zeros([0, 3]))
    }
    #expect(stopSentence(empty) == "klDivergence: shape [0, 3] has no batch with elements, so there is no mean")
    let similarity = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = cosineSimilarity(Tensor.zeros([2, 3]), Tensor.zeros([3]))
    }
    #expect(stopSentence(similarity) == "cosineSimilarity: shapes [2, 3] and [3] differ")
    let mask = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = cosineEmbeddingLoss(Tensor.zeros([2, 3]), Tensor.zeros([2, 3]), together: [true])
    }
    #expect(stopSentence(mask) == "cosineEmbeddingLoss: a mask of shape [1] does not fit vectors of shape [2, 3]")
  }
}
