import Testing
import Unroll

/// How gradients travel through time in a recurrent network, in a few lines each. Read from top to bottom.
///
/// The gradient of a loss at the end by the state at the beginning is a product of one Jacobian per step. A product of T factors
/// below one vanishes, above one explodes: everything else follows from this.
@Suite struct VanishingAndExploding {
  /// hₜ = ρ Q hₜ₋₁ with Q orthogonal: every step stretches every direction by exactly ρ, so that ‖∂h_T/∂h_0‖ = ρᵀ.
  @Test(arguments: [0.9, 1.0, 1.1]) func aLinearRecurrenceScalesByRhoToTheT(_ rho: Double) {
    let steps = 100
    let q = rotation(8, seed: 1)
    let jacobian = jacobian(at: Tensor.zeros([8], .float64)) { start in
      var h = start
      for _ in 0..<steps { h = q.matmul(h) * rho }
      return h
    }
    var expected = 1.0
    for _ in 0..<steps { expected *= rho }
    // All singular values are ρᵀ: the columns are orthogonal, and of that length.
    let lengths = jacobian.norm(axes: 0)
    for i in 0..<8 { #expect(abs(lengths[i].item / expected - 1) < 1e-10) }
    let products = jacobian.transposed().matmul(jacobian) / (expected * expected)
    #expect(products.isClose(to: Tensor.identity(8, .float64), relative: 0, absolute: 1e-10))
  }

  /// hₜ = tanh(W hₜ₋₁ + xₜ): with W a multiple of an orthogonal matrix below one, what happened T steps ago leaves no trace in the
  /// gradient. Its norm is at most gainᵀ, as tanh never stretches.
  @Test func aTanhNetworkWithSmallWeightsVanishes() {
    let norms = gradientNorms(gain: 0.7, steps: 60, inputs: 0.1)
    #expect(norms[0] < 1e-9)
    for (t, norm) in norms.enumerated() {
      var bound = norms[norms.count - 1]
      for _ in t..<(norms.count - 1) { bound *= 0.7 }
      #expect(norm <= bound * (1 + 1e-12))
    }
  }

  /// The same network with W well above one, and a state so small that tanh is a straight line: the gradient explodes.
  @Test func aTanhNetworkWithLargeWeightsExplodes() {
    let norms = gradientNorms(gain: 1.5, steps: 40, inputs: 1e-9)
    #expect(norms[0] / norms[norms.count - 1] > 1e6)
  }

  /// ‖∂L/∂hₜ‖ for every t, for L the sum of a random weighting of the last state.
  private func gradientNorms(gain: Double, steps: Int, inputs: Double) -> [Double] {
    var generator = Generator(seed: 2)
    let w = rotation(8, seed: 3) * gain
    let x = Tensor.normal([steps, 8], deviation: inputs, .float64, using: &generator).unstacked()
    let weights = Tensor.normal([8], .float64, using: &generator)
    // A zero is added to every state: the gradient by it is the gradient by the state.
    let probes = (0..<steps).map { _ in Tensor.zeros([8], .float64) }
    let slopes = gradient(at: probes) { probes in
      var h = Tensor.zeros([8], .float64)
      for (x, probe) in zip(x, probes) { h = (w.matmul(h) + x).tanh() + probe }
      return (h * weights).sum()
    }
    return slopes.map { $0.norm().item }
  }

  /// An orthogonal matrix: the product of reflections at random vectors.
  private func rotation(_ n: Int, seed: Int) -> Tensor {
    var generator = Generator(seed: seed)
    var q = Tensor.identity(n, .float64)
    for _ in 0..<n {
      let v = Tensor.normal([n, 1], .float64, using: &generator)
      q = q - v.matmul(v.transposed().matmul(q)) * (2 / v.square().sum().item)
    }
    return q
  }
}
