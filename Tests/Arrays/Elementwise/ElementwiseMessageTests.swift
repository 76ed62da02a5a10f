import Testing
import UnrollKernelTemplates
import UnrollTestSupport

@testable import UnrollArrays

/// Operands that do not fit stop with a sentence that names the operation and what disagrees.
@Suite struct ElementwiseMessageTests {
  @Test func shapesThatDoNotBroadcast() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = NDArray.zeros([2, 3]) + NDArray.zeros([4])
    }
    #expect(stopSentence(result) == "add: shapes [2, 3] and [4] do not broadcast")
  }

  @Test func mixedElementTypes() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = NDArray.zeros([2]) * NDArray.zeros([2], .float64)
    }
    #expect(stopSentence(result) == mixing("multiply"))
  }

  @Test func aResultThatOutgrowsItsArray() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var x = NDArray.zeros([3])
      x += NDArray.zeros([2, 3])
    }
    #expect(stopSentence(result) == "add: a result of shape [2, 3] does not fit an array of shape [3]")
  }

  @Test func anOutputOfAnotherShapeOrType() async {
    let shape = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var out = NDArray.zeros([2])
      NDArray.map(.exp, NDArray.zeros([3]), into: &out)
    }
    #expect(stopSentence(shape) == "exp: a result of shape [3] does not fit an array of shape [2]")
    let type = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var out = NDArray.zeros([2], .float64)
      NDArray.map(.exp, NDArray.zeros([2]), into: &out)
    }
    #expect(stopSentence(type) == "exp: a float32 result does not fit a float64 array")
  }

  @Test func boundsInTheWrongOrderAndABetaThatIsNotPositive() async {
    let bounds = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = NDArray.zeros([2]).clipped(minimum: 2, maximum: 1)
    }
    #expect(stopSentence(bounds) == "clipped: the minimum 2.0 is not at most the maximum 1.0")
    let beta = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = NDArray.zeros([2]).softplus(beta: 0)
    }
    #expect(stopSentence(beta) == "softplus: beta 0.0 is not positive")
  }

  @Test func aMaskThatDoesNotFit() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Mask([true, false]).select(NDArray.zeros([3]), NDArray.zeros([3]))
    }
    #expect(stopSentence(result) == "select: a mask of shape [2] and arrays of shape [3] do not broadcast")
  }
}
