import Testing
import UnrollTestSupport

@testable import UnrollArrays

@Suite struct RandomMisuseTests {
  static let misuses: [(sentence: String, run: @Sendable () -> Void)] = [
    ("uniform: the range 1.0..<1.0 is empty in float32", { draw { .uniform([2], in: 1..<1, using: &$0) } }),
    ("uniform: the range 1.0..<1.000000001 is empty in float32", { draw { .uniform([2], in: 1..<1.000000001, using: &$0) } }),
    ("uniform: the range 0.0..<inf has no finite width", { draw { .uniform([2], in: 0..<(.infinity), using: &$0) } }),
    ("uniform: shape [-2] has a negative extent", { draw { .uniform([-2], using: &$0) } }),
    ("normal: a deviation of -1.0 is negative or not finite", { draw { .normal([2], deviation: -1, using: &$0) } }),
    ("normal: a mean of nan is not finite", { draw { .normal([2], mean: .nan, using: &$0) } }),
    ("truncatedNormal: a bound of 0.0 deviations is not positive", { draw { .truncatedNormal([2], within: 0, using: &$0) } }),
    (
      "bernoulli: a probability of 1.5 is not between 0 and 1",
      { draw { .bernoulli([2], probability: 1.5, using: &$0) } }
    ),
    (
      "bernoulli: a probability of nan is not between 0 and 1",
      { draw { .bernoulli([2], probability: .nan, using: &$0) } }
    ),
    ("random: the range 3..<3 is empty", { drawIndices { .random(in: 3..<3, shape: [1], using: &$0) } }),
    (
      "random: the range 0..<4294967296 does not fit 32 bits",
      { drawIndices { .random(in: 0..<4_294_967_296, shape: [1], using: &$0) } }
    ),
    ("permutation: count -1 is negative or does not fit 32 bits", { drawIndices { .permutation(-1, using: &$0) } }),
    (
      "split: count -1 is negative",
      {
        var generator = Generator(seed: 0)
        _ = generator.split(into: -1)
      }
    ),
  ]

  static func draw(_ body: (inout Generator) -> NDArray) {
    var generator = Generator(seed: 0)
    _ = body(&generator)
  }

  static func drawIndices(_ body: (inout Generator) -> Indices) {
    var generator = Generator(seed: 0)
    _ = body(&generator)
  }

  @Test(arguments: misuses.indices) func misuseStops(_ index: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [index] in
      Self.misuses[index].run()
    }
    #expect(stopSentence(result) == Self.misuses[index].sentence)
  }
}
