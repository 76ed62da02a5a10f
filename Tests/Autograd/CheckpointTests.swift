import Testing
import UnrollArrays
import UnrollAutograd

/// A checkpointed computation is the same computation: value, gradient, tangent, and derivatives of those.
@Suite struct CheckpointTests {
  let x = Tensor([0.3, -0.7, 1.1] as [Double])
  let w = Tensor([0.5, 0.25, -1] as [Double])

  @Test func gradientsReachInputsAndWhatWasCaptured() {
    let plain = gradient(at: x, w) { x, w in (x * w).tanh().sum() * w.sum() }
    let again = gradient(at: x, w) { x, w in checkpointed(x) { x in (x * w).tanh().sum() } * w.sum() }
    #expect(plain.0.array == again.0.array && plain.1.array == again.1.array)
  }

  @Test func somethingComputedInsideFromCapturedTensorsOnly() {
    let plain = gradient(at: x, w) { x, w in (x * w.exp().sin()).sum() }
    let again = gradient(at: x, w) { x, w in checkpointed(x) { x in (x * w.exp().sin()).sum() } }
    expectClose(again.0, plain.0)
    expectClose(again.1, plain.1)
  }

  @Test func tangents() {
    let direction = [w, x]
    let plain = tangent(at: [x, w], along: direction) { v in (v[0] * v[1]).tanh() }
    let again = tangent(at: [x, w], along: direction) { v in
      let w = v[1]
      return checkpointed(v[0]) { x in (x * w).tanh() }
    }
    expectClose(again.tangent, plain.tangent)
  }

  @Test func secondOrder() {
    let report = checkGradients(at: [x, w]) { v in
      let w = v[1]
      return checkpointed(v[0]) { x in (x * w).tanh() * w.exp() }
    }
    #expect(report.passes, "\(report)")
  }

  @Test func severalInputsAndResultsInAChain() {
    let plain = gradient(at: x, w) { x, w in
      var (h, c) = (x, w)
      for _ in 0..<5 { (h, c) = ((h + c).tanh(), c * 0.9 + h) }
      return (h * c).sum()
    }
    let again = gradient(at: x, w) { x, w in
      var state = [x, w]
      for _ in 0..<5 { state = checkpointed(state) { s in [(s[0] + s[1]).tanh(), s[1] * 0.9 + s[0]] } }
      return (state[0] * state[1]).sum()
    }
    #expect(plain.0.array == again.0.array && plain.1.array == again.1.array)
  }

  @Test func unrecordedStaysUnrecorded() {
    #expect(!checkpointed(x) { x in x * 2 }.isRecorded)
    let (value, slope) = valueAndGradient(at: x) { x in checkpointed(x) { $0.square() }.sum() }
    #expect(!value.isRecorded && !slope.isRecorded)
  }

  /// Several captured tensors, one of them twice and one computed outside, within another checkpoint: all derivatives.
  @Test func everyDerivativeByWhatNestedClosuresCapture() {
    let report = checkGradients(at: [x, w, x * w], everyElement: true) { v in
      let (w, u) = (v[1], v[2])
      let outside = (w * u).sin()
      return checkpointed(v[0]) { x in
        let inner = checkpointed(x * w) { y in (y * u + outside).tanh() * w }
        return inner * outside + checkpointed(outside) { $0 * x }
      }
    }
    #expect(report.passes, "\(report)")
  }

  /// Nothing but what is captured is recorded.
  @Test func aConstantInput() {
    let constant = x
    let report = checkGradients(at: w) { w in checkpointed(constant) { x in (x * w).tanh() * w.exp() } }
    #expect(report.passes, "\(report)")
  }

  @Test func resultsWithoutTensors() {
    let slope = gradient(at: x) { x in
      let count = checkpointed(x) { x in (x .> 0).trueCount }
      #expect(count == 2)
      return (x * Double(count)).sum()
    }
    expectClose(slope, Tensor.full([3], 2, .float64))
  }

  @Test func inputsOfBothTypes() {
    @Sendable func value(_ x: [Tensor], _ w: Tensor) -> Tensor {
      (x[0] * x[1].cast(to: .float64) * w.cast(to: .float64)).tanh().sum()
    }
    let single = w.cast(to: .float32)
    for inputs in [[x, single], [x, x.cast(to: .float32)]] {
      let plain = gradient(at: inputs, single) { x, w in value(x, w).square() }
      let again = gradient(at: inputs, single) { x, w in checkpointed(x) { x in value(x, w) }.square() }
      for (a, b) in zip(plain.0 + [plain.1], again.0 + [again.1]) { #expect(a.array == b.array && a.type == b.type) }
    }
    let direction = [x, single]
    let plain = tangent(at: direction, along: direction) { x in value(x, single) }.tangent
    expectClose(tangent(at: direction, along: direction) { x in checkpointed(x) { value($0, single) } }.tangent, plain)
  }
}
