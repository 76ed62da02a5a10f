import Testing
import UnrollArrays
import UnrollAutograd

/// Weights that are used at every step: their gradient is one sum, added to as it is computed.
@Suite struct AccumulationTests {
  private let weight: Tensor
  private let bias: Tensor
  private let x: Tensor

  init() {
    var generator = Generator(seed: 1)
    weight = Tensor.normal([4, 4], deviation: 0.4, .float64, using: &generator)
    bias = Tensor.normal([4], .float64, using: &generator)
    x = Tensor.normal([3, 4], .float64, using: &generator)
  }

  private func run(_ weights: [Tensor], _ biases: [Tensor]) -> Tensor {
    var h = x
    for (weight, bias) in zip(weights, biases) { h = (h.matmul(weight).tanh().affine(weight, bias: bias) * 0.5).sin() }
    return h.square().sum()
  }

  @Test func equalsTheSumOverPlaces() {
    let together = gradient(at: [weight, bias]) { run([$0[0], $0[0], $0[0]], [$0[1], $0[1], $0[1]]) }
    let apart = gradient(at: [weight, weight, weight, bias, bias, bias]) { run(Array($0[..<3]), Array($0[3...])) }
    #expect(together[0].array.isClose(to: (apart[0] + apart[1] + apart[2]).array, relative: 1e-12, absolute: 1e-14))
    #expect(together[1].array.isClose(to: (apart[3] + apart[4] + apart[5]).array, relative: 1e-12, absolute: 1e-14))
  }

  @Test func higherDerivativesAndDifferencesAgree() {
    let report = checkGradients(at: [weight, bias], order: 2, directions: 3) {
      run([$0[0], $0[0], $0[0]], [$0[1], $0[1], $0[1]])
    }
    #expect(report.passes, "\(report)")
  }

  /// What arrived first may be somebody's: it is not written over.
  @Test func whatSomebodyHoldsStays() {
    let given = Tensor.full([4, 4], 1, .float64)
    let slope = gradient(at: weight) { w in (w * given).sum() + x.matmul(w).sum() + x.matmul(w).square().sum() }
    let parts = [
      gradient(at: weight) { ($0 * given).sum() }, gradient(at: weight) { x.matmul($0).sum() },
      gradient(at: weight) { x.matmul($0).square().sum() },
    ]
    #expect(slope.array.isClose(to: (parts[0] + parts[1] + parts[2]).array, relative: 1e-12, absolute: 1e-14))
    #expect(given.array == NDArray.full([4, 4], 1, .float64))
  }
}
