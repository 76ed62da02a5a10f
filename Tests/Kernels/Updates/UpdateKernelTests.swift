import Testing
import UnrollArrays
import UnrollKernelTemplates
import UnrollTestSupport

/// Steps of optimizers: every length, the same bits on every table, nothing written beyond the end.
@Suite struct UpdateKernelTests {
  private static let lengths = Array(0...40) + [63, 64, 65, 127, 257]
  private static let descent = UpdateKernels.Descent(
    rate: 0.1, decay: 0.03, kept: 0.9, share: 0.7, plain: 1, remembered: 0.9)
  private static let adam = UpdateKernels.Adam(
    rate: 0.01, decay: 0.03, shrinkage: 0.999, firstShare: 0.1, secondKept: 0.999, secondShare: 0.001, rootScale: 1.3,
    epsilon: 1e-8)

  /// Parameter, gradient and two memories, each with a guard behind it.
  private struct Arrays<T: KernelScalar>: Equatable {
    var p, g, m, v: [T]

    init(_ n: Int) {
      var random = TestRandom(seed: 9)
      func numbers(_ lowest: Double) -> [T] { (0..<n).map { _ in T(Double.random(in: lowest...1, using: &random)) } + [-7] }
      (p, g, m, v) = (numbers(-1), numbers(-1), numbers(-1), numbers(0))
    }

    /// After one step of each kind.
    mutating func run(_ kernels: UpdateKernels, _ n: Int) {
      p.withUnsafeMutableBytes { p in
        g.withUnsafeBytes { g in
          m.withUnsafeMutableBytes { m in
            v.withUnsafeMutableBytes { v in
              guard let p = p.baseAddress, let g = g.baseAddress, let m = m.baseAddress, let v = v.baseAddress else { return }
              kernels.plainDescent(p, g, n, 0.1, 0.03)
              kernels.descent(p, g, m, n, UpdateKernelTests.descent)
              kernels.adam(p, g, m, v, n, UpdateKernelTests.adam)
            }
          }
        }
      }
    }

    /// The same, by the formulas.
    mutating func follow(_ n: Int) {
      let (d, a) = (UpdateKernelTests.descent, UpdateKernelTests.adam)
      for i in 0..<n {
        p[i] = p[i] - T(0.1) * (g[i] + T(0.03) * p[i])
        var s = g[i] + T(d.decay) * p[i]
        m[i] = T(d.kept) * m[i] + T(d.share) * s
        p[i] = p[i] - T(d.rate) * (T(d.plain) * s + T(d.remembered) * m[i])
        s = g[i] + T(a.decay) * p[i]
        m[i] = m[i] + (s - m[i]) * T(a.firstShare)
        v[i] = v[i] * T(a.secondKept) + s * s * T(a.secondShare)
        p[i] = p[i] * T(a.shrinkage) - T(a.rate) * m[i] / (v[i].squareRoot() * T(a.rootScale) + T(a.epsilon))
      }
    }
  }

  @Test func everyTableGivesTheBitsOfTheFormulas() {
    for table in Machine.availableTables {
      for n in Self.lengths {
        var (single, expectedSingle) = (Arrays<Float>(n), Arrays<Float>(n))
        single.run(table.float32.updates, n)
        expectedSingle.follow(n)
        #expect(single == expectedSingle, "\(table.name) \(n)")
        var (double, expectedDouble) = (Arrays<Double>(n), Arrays<Double>(n))
        double.run(table.float64.updates, n)
        expectedDouble.follow(n)
        #expect(double == expectedDouble, "\(table.name) \(n)")
      }
    }
  }

  @Test func whatIsRememberedDecaysToZeroAndKeepsNaN() {
    for table in Machine.availableTables {
      var arrays = Arrays<Float>(3)
      arrays.p = [1, 1, 1]
      arrays.g = [0, 0, .nan]
      arrays.m = [1.2e-38, 1e-30, 1]
      arrays.v = [1.1754944e-38, 1e-30, 1]
      arrays.p.withUnsafeMutableBytes { p in
        arrays.m.withUnsafeMutableBytes { m in
          arrays.v.withUnsafeMutableBytes { v in
            guard let p = p.baseAddress, let m = m.baseAddress, let v = v.baseAddress else { return }
            var step = Self.adam
            step.decay = 0
            table.float32.updates.adam(p, arrays.g, m, v, 3, step)
          }
        }
      }
      #expect(arrays.m[0] == 0 && arrays.m[1] > 0 && arrays.m[2].isNaN, "\(table.name)")
      #expect(arrays.v[0] == 0 && arrays.v[1] > 0 && arrays.v[2].isNaN, "\(table.name)")
      #expect(arrays.p[0] == 0.999 as Float && arrays.p[2].isNaN, "\(table.name)")
    }
  }
}
