import Testing
import UnrollArrays
import UnrollTestSupport

/// Eigenvalues that are known, and what all eigenvalues together say about a matrix.
@Suite struct EigenvalueTests {
  private static func random(_ n: Int, _ seed: Int) -> NDArray {
    var generator = Generator(seed: seed)
    return NDArray.normal([n, n], .float64, using: &generator)
  }

  @Test func aRotationHasAPair() {
    let (real, imaginary) = (NDArray([[0.6, -0.8], [0.8, 0.6]].flatMap(\.self), shape: [2, 2]) * 3).eigenvalues()
    #expect(real.isClose(to: NDArray([1.8, 1.8]), relative: 1e-14))
    #expect(imaginary.magnitude().isClose(to: NDArray([2.4, 2.4]), relative: 1e-14))
    #expect(imaginary.sum().item == 0)
  }

  /// A cycle of n: the n-th roots of one, all of one modulus, at which unshifted iterations stand still.
  @Test(arguments: [1, 2, 3, 4, 5, 8, 17]) func aCyclesEigenvaluesAreRootsOfOne(_ n: Int) {
    let matrix = NDArray((0..<(n * n)).map { ($0 / n + 1) % n == $0 % n ? 1.0 : 0 }, shape: [n, n])
    let (real, imaginary) = matrix.eigenvalues()
    for (a, b) in zip(real.scalars(as: Double.self), imaginary.scalars(as: Double.self)) {
      #expect(abs(a * a + b * b - 1) < 1e-13)
    }
    #expect(abs(real.sum().item - (n == 1 ? 1 : 0)) < 1e-13)
    #expect(abs(matrix.spectralRadius().item - 1) < 1e-13)
  }

  /// Σ λ = trace, Σ λ² = trace of the square, Π |λ| = the product of the singular values.
  @Test(arguments: [1, 2, 3, 4, 7, 16, 40]) func sumsAndProducts(_ n: Int) {
    for seed in 1...5 {
      let matrix = Self.random(n, seed)
      let (real, imaginary) = matrix.eigenvalues()
      let diagonal = NDArray.identity(n, .float64)
      let scale = Double(n)
      #expect(abs(real.sum().item - (matrix * diagonal).sum().item) < 1e-12 * scale)
      let squares = (real * real - imaginary * imaginary).sum().item
      #expect(abs(squares - (matrix.matmul(matrix) * diagonal).sum().item) < 1e-11 * scale)
      let moduli = (real * real + imaginary * imaginary).log().sum().item / 2
      #expect(abs(moduli - matrix.singularValues().log().sum().item) < 1e-10)
    }
  }

  @Test func knownSpectraInAnyBasis() {
    let n = 12
    let q = Self.random(n, 9).qr().q
    let values = (0..<n).map { Double($0 + 1) * ($0 % 2 == 0 ? 1 : -1) }
    let diagonal = NDArray((0..<(n * n)).map { $0 / n == $0 % n ? values[$0 / n] : 0 }, shape: [n, n])
    let (real, imaginary) = q.matmul(diagonal).matmul(q.transposed()).eigenvalues()
    let expected = NDArray(values.sorted { abs($0) > abs($1) })
    #expect(real.isClose(to: expected, relative: 1e-12) && imaginary.magnitude().max().item == 0)
    // Orthogonal matrices: all moduli are one.
    #expect(abs(q.spectralRadius().item - 1) < 1e-13)
  }

  @Test func edges() {
    #expect(NDArray.zeros([3, 3], .float64).spectralRadius().item == 0)
    #expect((Self.random(4, 1) * 1e200).spectralRadius().item.isFinite)
    #expect((Self.random(4, 1) * 1e-300).spectralRadius().item > 0)
    #expect((Self.random(4, 1) * .nan).spectralRadius().item.isNaN)
    #expect(NDArray.identity(3).spectralRadius().type == .float32)
    let batch = NDArray.stack([Self.random(3, 1), Self.random(3, 2)])
    #expect(batch.spectralRadius().shape == [2])
    #expect(batch.eigenvalues().real.shape == [2, 3])
    #expect(abs(batch.spectralRadius()[1].item - Self.random(3, 2).spectralRadius().item) < 1e-13)
    #expect(NDArray.zeros([0, 0]).eigenvalues().real.count == 0)
  }

  /// A Jordan block of order k: rounding moves its eigenvalues by its k-th root, as the documentation says.
  @Test func aJordanBlockIsHarder() {
    let matrix = NDArray([0.5, 1, 0, 0, 0.5, 1, 0, 0, 0.5], shape: [3, 3])
    let q = Self.random(3, 4).qr().q
    #expect(abs(q.matmul(matrix).matmul(q.transposed()).spectralRadius().item - 0.5) < 1e-4)
  }

  @Test func messages() async {
    let wide = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = NDArray.zeros([2, 3]).spectralRadius()
    }
    #expect(stopSentence(wide) == "spectralRadius: shape [2, 3] is not one of square matrices")
    let vector = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = NDArray.zeros([3]).eigenvalues()
    }
    #expect(stopSentence(vector) == "eigenvalues: shape [3] is not one of square matrices")
    let empty = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = NDArray.zeros([0, 0]).spectralRadius()
    }
    #expect(stopSentence(empty) == "spectralRadius: a matrix of shape [0, 0] has no eigenvalues")
  }
}
