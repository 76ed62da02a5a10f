import Testing
import UnrollArrays
import UnrollAutograd
import UnrollGradientFlow
import UnrollNetworks

/// Exponents that are known.
@Suite struct LyapunovTests {
  @Test(arguments: [0.9, 1, 1.1]) func aRotationTimesRho(_ rho: Double) {
    let spectrum = LyapunovSpectrum(of: linearCell(rotation(5, 1) * rho), on: normal([60, 2], 2))
    for exponent in spectrum.exponents { #expect(abs(exponent - log(rho)) < 1e-12) }
  }

  /// Far from normal: the logarithms of the singular values are other numbers.
  @Test func aTriangularMatrixGivesItsDiagonal() {
    let w = Tensor([1.2, 3, -2, 0, -0.7, 4, 0, 0, 0.3], shape: [3, 3])
    let spectrum = LyapunovSpectrum(of: linearCell(w), on: normal([200, 2], 3), skipping: 100)
    for (found, expected) in zip(spectrum.exponents, [1.2, 0.7, 0.3]) { #expect(abs(found - log(expected)) < 1e-10) }
    #expect(abs(log(w.array.singularValues()[0].item) - spectrum.largest) > 0.5)
    let first = LyapunovSpectrum(of: linearCell(w), on: normal([200, 2], 3), count: 1, skipping: 100)
    #expect(abs(first.largest - log(1.2)) < 1e-10)
  }

  /// What explodes until it is no number must not be said to vanish, whichever direction is lost first.
  @Test(arguments: [1, 2, 3]) func aMapThatIsNoNumberHasNoExponents(_ count: Int) {
    for place in 0..<3 {
      var numbers = Array(repeating: 1.0, count: 3)
      numbers[place] = .nan
      for steps in [1, 4] {
        let factors = Tensor(numbers)
        let spectrum = LyapunovSpectrum(from: Tensor([1, 1, 1] as [Double]), steps: steps, count: count) { x in x * factors }
        #expect(spectrum.exponents.count { $0.isNaN } == count)
        #expect(spectrum.convergence.count { $0.isNaN } == steps)
      }
    }
    let cell = linearCell(Tensor([1e200, 0, 0, 1e200], shape: [2, 2]))
    let jacobians = StepJacobians(of: cell, on: Tensor.zeros([4, 2], .float64))
    #expect(jacobians.singularValues(lag: 2)[0][1].isNaN && jacobians.singularValues(lag: 2)[2][0].isNaN)
    #expect(jacobians.norms()[3][0].isNaN)
  }

  @Test func theSumIsTheMeanLogarithmOfDeterminants() {
    let cell = RNNCell(inputWeight: normal([2, 4], 5), recurrentWeight: normal([4, 4], 6), bias: nil)
    let x = normal([40, 2], 7)
    let spectrum = LyapunovSpectrum(of: cell, on: x)
    let determinants = StepJacobians(of: cell, on: x).matrices.map { matrix in
      (matrix.singularValues().log().sum()).item
    }
    #expect(abs(spectrum.sum - determinants.reduce(0, +) / 40) < 1e-10)
    #expect(spectrum.convergence.count == 40)
  }

  /// x' = r x (1 − x): at r = 2.5 a fixed point of slope −0.5, at 3.2 a cycle of two points, at 4 chaos with log 2.
  @Test(arguments: [(2.5, log(0.5), 1e-10), (3.2, log(0.16) / 2, 1e-10), (4, log(2), 0.01)])
  func theLogisticMap(_ r: Double, _ expected: Double, _ tolerance: Double) {
    let steps = r == 4 ? 3000 : 400
    let spectrum = LyapunovSpectrum(from: Tensor([0.3]), steps: steps, skipping: steps / 2) { x in x * (1 - x) * r }
    #expect(abs(spectrum.largest - expected) < tolerance)
  }

  @Test(arguments: [(0.5, false), (3, true)]) func aRandomNetworkIsChaoticAboveGainOne(_ gain: Double, _ isChaotic: Bool) {
    let n = 40
    let cell = RNNCell(
      inputWeight: Tensor.zeros([1, n], .float64),
      recurrentWeight: normal([n, n], 8, deviation: gain / Double(n).squareRoot()), bias: nil)
    let spectrum = LyapunovSpectrum(
      of: cell, on: Tensor.zeros([200, 1], .float64), from: HiddenState(hidden: normal([1, n], 9)), count: 2, skipping: 50)
    #expect(isChaotic ? spectrum.largest > 0.05 : spectrum.largest < -0.05)
  }
}

private func log(_ x: Double) -> Double { NDArray(x, .float64).log().item }
