import Foundation
import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks

/// Matrices of known singular values or eigenvalues.
@Suite struct SpectrumTests {
  @Test(arguments: [[7, 7], [9, 4], [4, 9], [1, 5], [5, 1], [1, 1], [64, 64]])
  func orthonormal(_ extents: [Int]) {
    for (type, tolerance) in [(ElementType.float32, 1e-6), (.float64, 1e-13)] {
      var generator = Generator(seed: 2)
      let q = Initializer.orthogonal()(Shape(extents), type, using: &generator).array.cast(to: .float64)
      let tall = extents[0] < extents[1] ? q.transposed() : q
      let error = (tall.transposed().matmul(tall) - NDArray.identity(tall.shape[1], .float64)).magnitude().max().item
      #expect(error < tolerance, "\(type), \(extents): \(error)")
    }
  }

  @Test func gain() {
    var generator = Generator(seed: 2)
    let values = Initializer.orthogonal(gain: 1.5)([6, 3], .float64, using: &generator).array.singularValues()
    #expect(values.isClose(to: NDArray.full([3], 1.5, .float64), relative: 1e-13))
  }

  /// Of the uniform distribution on 3 × 3 matrices: both determinants are as likely; numbers have mean 0 and variance ⅓, and the
  /// trace mean 0 and variance 1. Without the choice of signs the diagonal leans to one side.
  @Test func uniformOverTheGroup() {
    var generator = Generator(seed: 8)
    let n = 4000
    var (determinants, traces, squaredTraces) = (0.0, 0.0, 0.0)
    var (means, squares) = ([Double](repeating: 0, count: 9), [Double](repeating: 0, count: 9))
    for _ in 0..<n {
      let q = Initializer.orthogonal()([3, 3], .float64, using: &generator).array.scalars(as: Double.self)
      determinants +=
        q[0] * (q[4] * q[8] - q[5] * q[7]) - q[1] * (q[3] * q[8] - q[5] * q[6]) + q[2] * (q[3] * q[7] - q[4] * q[6])
      let trace = q[0] + q[4] + q[8]
      traces += trace
      squaredTraces += trace * trace
      for i in 0..<9 {
        means[i] += q[i]
        squares[i] += q[i] * q[i]
      }
    }
    let error = 5 / Double(n).squareRoot()
    #expect(abs(determinants / Double(n)) < error)
    #expect(abs(traces / Double(n)) < error && abs(squaredTraces / Double(n) - 1) < 2 * error)
    #expect(means.allSatisfy { abs($0 / Double(n)) < error / 3.0.squareRoot() })
    #expect(squares.allSatisfy { abs($0 / Double(n) - 1 / 3.0) < 0.3 * error })
  }

  /// The largest root of the characteristic polynomial has the magnitude asked for; for some matrices it is complex.
  @Test func radiusOfSmallMatrices() {
    var complex = 0
    for seed in 0..<20 {
      var generator = Generator(seed: seed)
      let a = Initializer.spectralRadius(1.25)([7, 7], .float64, using: &generator).array
      let largest = roots(characteristicPolynomial(a)).max { $0.magnitude < $1.magnitude }
      #expect(abs((largest?.magnitude ?? 0) / 1.25 - 1) < 2e-8, "seed \(seed): \(largest?.magnitude ?? 0)")
      if abs(largest?.imaginary ?? 0) > 0.01 { complex += 1 }
    }
    #expect(complex > 3 && complex < 20)
  }

  /// A vector that is multiplied again and again grows at the rate of the radius, whichever way it turns.
  @Test func radiusOfALargeMatrix() {
    for type in ElementType.allCases {
      var generator = Generator(seed: 5)
      let a = Initializer.spectralRadius(0.9)([100, 100], type, using: &generator).array.cast(to: .float64)
      var x = NDArray.normal([100], .float64, using: &generator)
      var logarithm = 0.0
      let steps = 20_000
      for step in 0..<(steps + 200) {
        x = a.matmul(x)
        let norm = x.norm().item
        x = x / norm
        if step >= 200 { logarithm += log(norm) }
      }
      #expect(abs(exp(logarithm / Double(steps)) / 0.9 - 1) < 5e-4, "\(type)")
    }
  }

  @Test func otherRadii() {
    var generator = Generator(seed: 5)
    let one = Initializer.spectralRadius(0.7)([1, 1], .float64, using: &generator)
    #expect(abs(abs(one.item) - 0.7) < 1e-15)
    #expect(Initializer.spectralRadius(0)([4, 4], using: &generator).array.norm().item == 0)
  }

  /// Coefficients from that of xⁿ⁻¹ to the constant, by Faddeev and LeVerrier.
  private func characteristicPolynomial(_ a: NDArray) -> [Double] {
    let n = a.shape[0]
    var coefficients: [Double] = []
    var m = NDArray.identity(n, .float64)
    for k in 1...n {
      let product = a.matmul(m)
      let c = -product.diagonal().sum().item / Double(k)
      coefficients.append(c)
      m = product + NDArray.identity(n, .float64) * c
    }
    return coefficients
  }

  private struct Complex {
    var real: Double
    var imaginary: Double
    var magnitude: Double { (real * real + imaginary * imaginary).squareRoot() }

    static func - (a: Complex, b: Complex) -> Complex { Complex(real: a.real - b.real, imaginary: a.imaginary - b.imaginary) }
    static func * (a: Complex, b: Complex) -> Complex {
      Complex(real: a.real * b.real - a.imaginary * b.imaginary, imaginary: a.real * b.imaginary + a.imaginary * b.real)
    }
    static func / (a: Complex, b: Complex) -> Complex {
      let square = b.real * b.real + b.imaginary * b.imaginary
      let product = a * Complex(real: b.real, imaginary: -b.imaginary)
      return Complex(real: product.real / square, imaginary: product.imaginary / square)
    }
  }

  /// All roots at once, by Durand and Kerner.
  private func roots(_ coefficients: [Double]) -> [Complex] {
    var roots = coefficients.indices.map { i in
      let angle = 2 * Double.pi * Double(i) / Double(coefficients.count) + 0.4
      return Complex(real: 1.1 * cos(angle), imaginary: 1.1 * sin(angle))
    }
    for _ in 0..<500 {
      for i in roots.indices {
        let x = roots[i]
        let value = coefficients.reduce(Complex(real: 1, imaginary: 0)) { sum, c in
          let next = sum * x
          return Complex(real: next.real + c, imaginary: next.imaginary)
        }
        let others = roots.indices.filter { $0 != i }.reduce(Complex(real: 1, imaginary: 0)) { $0 * (x - roots[$1]) }
        roots[i] = x - value / others
      }
    }
    return roots
  }
}
