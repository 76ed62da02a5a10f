import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTestSupport

/// What CTC says about targets and lengths that do not fit.
@Suite struct CTCMessageTests {
  @Test func shapes() async {
    let rank = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ctcLoss(Tensor.zeros([4, 3]), Indices([1, 2, 1, 1], shape: [2, 2]))
    }
    #expect(stopSentence(rank) == "ctcLoss: logits of shape [4, 3] are not [batch, time, classes]")
    let batch = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ctcLoss(Tensor.zeros([2, 4, 3]), Indices([1, 2], shape: [1, 2]))
    }
    #expect(stopSentence(batch) == "ctcLoss: labels of shape [1, 2] do not fit logits of shape [2, 4, 3]")
    let empty = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ctcLoss(Tensor.zeros([0, 4, 3]), Indices([] as [Int], shape: [0, 2]))
    }
    #expect(stopSentence(empty) == "ctcLoss: shape [0, 4, 3] has no rows, so there is no mean")
  }

  @Test func lengths() async {
    let count = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ctcLoss(Tensor.zeros([2, 4, 3]), Indices([1, 2, 1, 1], shape: [2, 2]), inputLengths: [4])
    }
    #expect(stopSentence(count) == "ctcLoss: 1 input lengths do not fit a batch of 2")
    let steps = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ctcLoss(Tensor.zeros([2, 4, 3]), Indices([1, 2, 1, 1], shape: [2, 2]), inputLengths: [4, 5])
    }
    #expect(stopSentence(steps) == "ctcLoss: input length 5 of row 1 is not in 0...4")
    let labels = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ctcLoss(Tensor.zeros([2, 4, 3]), Indices([1, 2, 1, 1], shape: [2, 2]), labelLengths: [3, 2])
    }
    #expect(stopSentence(labels) == "ctcLoss: label length 3 of row 0 is not in 0...2")
    let negative = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ctcLoss(Tensor.zeros([2, 4, 3]), Indices([1, 2, 1, 1], shape: [2, 2]), labelLengths: [2, -1])
    }
    #expect(stopSentence(negative) == "ctcLoss: label length -1 of row 1 is not in 0...2")
  }

  @Test func labels() async {
    let large = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ctcLoss(Tensor.zeros([2, 4, 3]), Indices([1, 2, 1, 3], shape: [2, 2]))
    }
    #expect(stopSentence(large) == "ctcLoss: label 3 at position [1, 1] is not one of 3 classes")
    let blank = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ctcLoss(Tensor.zeros([2, 4, 3]), Indices([1, 2, 1, 1], shape: [2, 2]), blank: 2)
    }
    #expect(stopSentence(blank) == "ctcLoss: label 2 at position [0, 1] is the blank")
    let noClass = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ctcLoss(Tensor.zeros([2, 4, 3]), Indices([1, 2, 1, 1], shape: [2, 2]), blank: 3)
    }
    #expect(stopSentence(noClass) == "ctcLoss: blank 3 is not one of 3 classes")
  }

  @Test func impossible() async {
    let repeated = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ctcLoss(Tensor.zeros([2, 4, 3]), Indices([1, 2, 1, 1], shape: [2, 2]), inputLengths: [4, 2])
    }
    #expect(stopSentence(repeated) == "ctcLoss: the target of row 1 needs 3 steps (labels 2, repeats 1), not 2")
  }
}
