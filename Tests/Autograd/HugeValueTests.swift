import Testing
import UnrollArrays
import UnrollAutograd

/// Numbers so large that finite differences say nothing: the same function stated in two ways, or its closed form, says it.
@Suite struct HugeValueTests {
  static let scales: [Double] = [1, 1e5, 1e9, 1e40]
  let x = Tensor([0.3, -0.7, 1.1] as [Double])
  let w = Tensor([0.5, 0.25, -1] as [Double])

  /// Value, gradient, and second derivatives both ways agree to rounding.
  private func expectSame(
    _ inputs: [Tensor], _ f: @escaping ([Tensor]) -> Tensor, _ g: @escaping ([Tensor]) -> Tensor,
    at location: SourceLocation = #_sourceLocation
  ) {
    func expect(_ a: [Tensor], _ b: [Tensor]) {
      for (a, b) in zip(a, b) {
        #expect(a.array.isClose(to: b.array, relative: 1e-13, absolute: 0), "\(a)\nagainst\n\(b)", sourceLocation: location)
      }
    }
    func reverse(_ f: @escaping ([Tensor]) -> Tensor) -> [Tensor] {
      gradient(at: inputs) { v in gradient(at: v, of: f).reduce(Tensor(0, .float64)) { $0 + $1.square().sum() } }
    }
    let along = inputs.map { $0.cos() }
    let (one, other) = (valueAndGradient(at: inputs, of: f), valueAndGradient(at: inputs, of: g))
    expect([one.value] + one.gradient, [other.value] + other.gradient)
    expect(hessianVectorProduct(at: inputs, along: along, of: f), hessianVectorProduct(at: inputs, along: along, of: g))
    expect(reverse(f), reverse(g))
  }

  @Test(arguments: scales) func checkpointsThatCapture(_ scale: Double) {
    func plain(_ v: [Tensor]) -> Tensor {
      let u = v[0] * v[1]
      return ((u * v[1]).square() + v[1] * u).sum() + u.tanh().sum()
    }
    expectSame([x * scale, w * scale], plain) { v in
      let (w, u) = (v[1], v[0] * v[1])
      let y = checkpointed(v[0]) { x in checkpointed(x * w) { z in (z * w).square() + w * u } }
      return y.sum() + checkpointed([Tensor]()) { _ in u.tanh() }.sum()
    }
  }

  @Test(arguments: scales) func operationsByClosures(_ scale: Double) {
    let product = customOperation("product") { x in
      [x[0].square() * x[1], x[1].square()]
    } pullback: { g, x, _ in
      [g[0] * x[0] * x[1] * 2, g[0] * x[0].square() + g[1] * x[1] * 2]
    }
    expectSame([x * scale, w * scale], { v in (v[0].square() * v[1] + v[1].square()).sum() }) { v in
      let y = product(v)
      return (y[0] + y[1]).sum()
    }
  }

  /// p (1 − p) and −p q of two logits that tie far above the third.
  @Test(arguments: scales.dropFirst()) func tiedLogits(_ scale: Double) {
    let logits = Tensor([scale, scale, -scale])
    let h = hessian(at: logits) { x in x.logSumExp(axes: 0) }
    expectClose(h, Tensor([0.25, -0.25, 0, -0.25, 0.25, 0, 0, 0, 0], shape: [3, 3]))
    let slope = gradient(at: logits) { x in -x.logSoftmax()[2] }
    expectClose(slope, Tensor([0.5, 0.5, -1]))
  }

  /// The columns are independent, whatever their sizes; R grows with them, Q does not.
  @Test(arguments: [1e-40, 1, 1e40]) func factors(_ scale: Double) {
    let a = Tensor([1, 2, -0.5, 0.3, 0.7, 1.5], shape: [3, 2])
    let one = gradient(at: a) { a in (a.qr().q * Tensor([1, 2, 3, 4, 5, 6], shape: [3, 2])).sum() }
    let scaled = gradient(at: a * scale) { a in (a.qr().q * Tensor([1, 2, 3, 4, 5, 6], shape: [3, 2])).sum() }
    expectClose(scaled * scale, one)
    let byR = gradient(at: a * scale) { a in a.qr().r.sum() }
    expectClose(byR, gradient(at: a) { a in a.qr().r.sum() })
  }
}
