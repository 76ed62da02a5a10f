import Testing
import UnrollTestSupport

@testable import UnrollArrays

/// What reductions, gathering and scattering say when they are misused.
@Suite struct ReductionMessageTests {
  struct Misuse: Sendable {
    let sentence: String
    let run: @Sendable () -> Void
  }

  static let misuses: [Misuse] = [
    Misuse(sentence: "sum: axis 2 is out of range for 2 axes") { _ = NDArray.ones([2, 3]).sum(axes: 2) },
    Misuse(sentence: "mean: axis -3 is out of range for 2 axes") { _ = NDArray.ones([2, 3]).mean(axes: -3) },
    Misuse(sentence: "sum: axis -1 of shape [2, 3] is listed twice") { _ = NDArray.ones([2, 3]).sum(axes: 1, -1) },
    Misuse(sentence: "max: there are no elements along axes [1] of shape [2, 0]") { _ = NDArray.ones([2, 0]).max(axes: 1) },
    Misuse(sentence: "argmin: there are no elements along axes [0] of shape [0]") { _ = NDArray.ones([0]).argmin() },
    Misuse(sentence: "softmax: axis -1 is out of range for 0 axes") { _ = NDArray.ones([]).softmax() },
    Misuse(sentence: "layerNorm: a scalar has no rows") {
      _ = NDArray.ones([]).layerNorm(scale: nil, shift: nil, epsilon: 0.1)
    },
    Misuse(sentence: "layerNorm: a scale of shape [2] does not fit the rows of shape [2, 3]") {
      _ = NDArray.ones([2, 3]).layerNorm(scale: .ones([2]), shift: .ones([3]), epsilon: 0.1)
    },
    Misuse(sentence: "layerNorm: a shift of shape [1] does not fit the rows of shape [2, 3]") {
      _ = NDArray.ones([2, 3]).layerNorm(scale: nil, shift: .ones([1]), epsilon: 0.1)
    },
    Misuse(sentence: mixing("layerNorm")) {
      _ = NDArray.ones([2, 3]).layerNorm(scale: .ones([3], .float64), shift: nil, epsilon: 0.1)
    },
    Misuse(sentence: "layerNorm: an epsilon of -1.0 is negative or not finite") {
      _ = NDArray.ones([2, 3]).layerNorm(scale: nil, shift: nil, epsilon: -1)
    },
    Misuse(sentence: "layerNorm: a cotangent of shape [3] and moments of shape [2, 2] do not fit shape [2, 3]") {
      let x = NDArray.ones([2, 3])
      let moments = x.layerNorm(scale: nil, shift: nil, epsilon: 0.1).moments
      _ = x.layerNormBackward(.ones([3]), scale: nil, moments: moments, wanting: .init())
    },
    Misuse(sentence: "variance: a correction of 1 is too large for 1 elements along axes [0] of shape [1]") {
      _ = NDArray.ones([1]).variance(correction: 1)
    },
    Misuse(sentence: "gathered(rows:): index 3 at position [1, 0] is out of range for extent 3") {
      _ = NDArray.ones([3, 2]).gathered(rows: Indices([0, 1, 3, 2], shape: [2, 2]))
    },
    Misuse(sentence: "gathered(rows:): index -1 at position [2] is out of range for extent 3") {
      _ = NDArray.ones([3, 2]).gathered(rows: [0, 1, -1])
    },
    Misuse(sentence: "gathered(elements:): indices of shape [3, 1] do not fit shape [2, 3] along axis 1") {
      _ = NDArray.ones([2, 3]).gathered(elements: Indices([0, 0, 0], shape: [3, 1]), axis: 1)
    },
    Misuse(sentence: "scatteredAdding(rows:): values have shape [2, 3], not [2, 2]") {
      _ = NDArray.ones([3, 2]).scatteredAdding(.ones([2, 3]), rows: [0, 1])
    },
    Misuse(sentence: mixing("scatteredAdding(rows:)")) {
      _ = NDArray.ones([3, 2]).scatteredAdding(.ones([2, 2], .float64), rows: [0, 1])
    },
    Misuse(sentence: "scatteredAdding(positions:): index 9 at position [0] is out of range for extent 2") {
      _ = NDArray.ones([3, 2]).scatteredAdding(.ones([3, 1]), positions: [9], axis: 1)
    },
  ]

  @Test(arguments: misuses.indices)
  func stops(_ index: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [index] in
      ReductionMessageTests.misuses[index].run()
    }
    #expect(stopSentence(result).hasSuffix(Self.misuses[index].sentence))
  }
}
