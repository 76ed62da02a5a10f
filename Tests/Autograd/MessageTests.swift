import Testing
import UnrollArrays
import UnrollAutograd
import UnrollTestSupport

/// Misuse stops with one sentence.
@Suite struct TensorMessageTests {
  struct Misuse: Sendable {
    let sentence: String
    let act: @Sendable () -> Void
  }

  private static let noPath =
    "gradient: the result does not depend on what its gradient is asked for: the closure uses another value instead of its "
    + "parameter, such as the variable outside, or only detached numbers of it (allowingNoPath gives zeros)"

  static let misuses: [Misuse] = [
    Misuse(sentence: "withSpan: the numbers are float32, not float64") {
      Tensor.ones([2]).withSpan(of: Double.self) { _ in }
    },
    Misuse(sentence: "gradient: the function returned shape [2]; it must return one number") {
      _ = gradient(at: Tensor([1, 2])) { x in x * x }
    },
    Misuse(sentence: "pullback: a cotangent of shape [3] does not fit the result's shape [2]") {
      _ = pullback(at: Tensor([1, 2])) { x in x * x }.pullback(Tensor([1, 2, 3]))
    },
    Misuse(sentence: "pullback: a float64 cotangent does not fit the result's float32") {
      _ = pullback(at: Tensor([1, 2] as [Float])) { x in x * x }.pullback(Tensor([1, 2] as [Double]))
    },
    Misuse(sentence: "tangent: a direction of shape [1] does not fit the input's shape [2]") {
      _ = tangent(at: Tensor([1, 2]), along: Tensor([1])) { x in x * x }
    },
    Misuse(sentence: mixing("add")) {
      _ = Tensor([1] as [Float]) + Tensor([1] as [Double])
    },
    Misuse(sentence: "add: shapes [2, 3] and [4] do not broadcast") {
      _ = gradient(at: Tensor.ones([2, 3])) { x in (x + Tensor.ones([4])).sum() }
    },
    Misuse(sentence: "sum: axis 2 is out of range for 2 axes") { _ = Tensor.ones([2, 3]).sum(axes: 2) },
    Misuse(sentence: "concatenate: axis 2 is out of range for 2 axes") {
      _ = Tensor.concatenate([Tensor.ones([2, 3])], axis: 2)
    },
    Misuse(sentence: "affine: shapes [2, 3], [4, 5] and bias [5] do not fit") {
      _ = Tensor.ones([2, 3]).affine(Tensor.ones([4, 5]), bias: Tensor.ones([5]))
    },
    Misuse(sentence: "wrong: its pullback returned shape [] for input 0 of shape [2]") {
      let wrong = customOperation("wrong") { x in
        [x[0].square()]
      } pullback: { g, _, _ in
        [g[0].sum()]
      }
      _ = gradient(at: Tensor([1, 2])) { x in wrong([x])[0].sum() }
    },
    Misuse(sentence: "wrong: its pullback returned 2 cotangents for 1 inputs") {
      let wrong = customOperation("wrong") { x in
        [x[0].square()]
      } pullback: { g, _, _ in
        [g[0], g[0]]
      }
      _ = gradient(at: Tensor([1, 2])) { x in wrong([x])[0].sum() }
    },
    Misuse(sentence: "nothing: its value returned no tensor; an operation has at least one result") {
      let nothing = customOperation("nothing") { _ in
        []
      } pullback: { _, _, _ in
        []
      }
      _ = nothing([Tensor([1])])
    },
    Misuse(
      sentence:
        "scaled: result 0 of its value depends on a recorded tensor that the closure captures, which no derivative would reach; "
        + "make that tensor an input, or detach it"
    ) {
      _ = gradient(at: Tensor([2])) { w in
        let scaled = customOperation("scaled") { x in
          [x[0] * w]
        } pullback: { g, _, _ in
          [g[0] * w]
        }
        return scaled([Tensor([3])])[0].sum()
      }
    },
    Misuse(sentence: noPath) {
      let x = Tensor([1, 2])
      _ = gradient(at: x) { _ in x.square().sum() }
    },
    Misuse(sentence: noPath) {
      let x = [Tensor([1, 2]), Tensor([3])]
      _ = valueAndGradient(at: x) { _ in (x[0].sum(), x) }
    },
    Misuse(sentence: noPath) { _ = gradient(at: Tensor([1]), Tensor([2])) { x, y in (x.detached() * y.detached()).sum() } },
    Misuse(sentence: noPath) { _ = hessian(at: Tensor([1])) { _ in Tensor([1]) } },
    Misuse(sentence: noPath) {
      let x = Tensor([1, 2] as [Double])
      _ = checkGradients(at: x) { _ in x.square() }
    },
    Misuse(sentence: "tiled: shape [3] repeated [4611686018427387904] times has more bytes than Int can count") {
      _ = Tensor.ones([3]).tiled([1 << 62])
    },
    Misuse(sentence: "repeated: shape [2, 3] repeated [1, 9223372036854775807] times has more bytes than Int can count") {
      _ = Tensor.ones([2, 3]).repeated(.max, axis: 1)
    },
    Misuse(sentence: "checkGradients: float32 is too coarse for finite differences; cast to float64") {
      _ = checkGradients(at: Tensor.ones([2])) { x in x }
    },
    Misuse(
      sentence: "checking: log of shapes [2] gave the first number that is not finite, in the forward pass, from finite inputs"
    ) {
      _ = gradient(at: Tensor([0, 1]), checking: true) { x in (x.log() * 2).sum() }
    },
    Misuse(
      sentence:
        "checking: squareRoot of shapes [2] gave the first number that is not finite, in the backward pass, for its input 0"
    ) {
      _ = gradient(at: Tensor([0, 1]), checking: true) { x in x.squareRoot().sum() }
    },
  ]

  @Test(arguments: misuses.indices) func stops(_ i: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [i] in
      TensorMessageTests.misuses[i].act()
    }
    #expect(stopSentence(result) == TensorMessageTests.misuses[i].sentence)
  }
}
