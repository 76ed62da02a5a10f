import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTraining

/// Gradients that exceed a norm are scaled to it.
@Suite struct ClippingTests {
  @Test func aLargeGradientKeepsItsDirection() {
    let gradient = Linear(weight: Tensor([3, 0, 0, 4] as [Double], shape: [2, 2]), bias: nil)
    let clipped = gradient.clipped(norm: 1)
    #expect(abs(clipped.norm - 1) < 1e-15)
    #expect(
      clipped.weight.array.isClose(to: NDArray([0.6, 0, 0, 0.8] as [Double], shape: [2, 2]), relative: 1e-15, absolute: 0))
    #expect(gradient.clipped(norm: 6).norm == 5)
  }
}
