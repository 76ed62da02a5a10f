import Testing
import UnrollArrays
import UnrollKernelTemplates
import UnrollTestSupport

/// Steps of optimizers: every length, the same bits on every table, nothing written beyond the end.
@Suite struct UpdateKernelTests {
  private static let lengths = Array(0...40) + [63, 64, 65, 127, 257]
  private static let adam = UpdateKernels.Adam(
    rate: 0.01, slopeRate: 0.002, decay: 0.03, shrinkage: 0.999, firstShare: 0.1, secondKept: 0.999, secondShare: 0.001,
    rootScale: 1.3, epsilon: 1e-8)
  private static let scaled = UpdateKernels.Scaled(
    rate: 0.01, decay: 0.03, kept: 0.9, share: 0.1, epsilon: 1e-3, momentum: 0.8)

  /// A step of every kind.
  private static let steps: [UpdateKernels.Step] = [
    .plainDescent(rate: 0.1, decay: 0.03),
    .adam(adam), .adamLargest(adam), .scaled(scaled), .scaledMomentum(scaled), .centred(scaled), .centredMomentum(scaled),
    .descent(UpdateKernels.Descent(rate: 0.1, decay: 0.03, kept: 0.9, share: 0.7, plain: 1, remembered: 0.9)),
    .averagedDescent(UpdateKernels.AveragedDescent(rate: 0.1, decay: 0.03, shrinkage: 0.99, share: 0.3)),
    .sign(UpdateKernels.Sign(rate: 0.1, shrinkage: 0.99, lookShare: 0.2, share: 0.1)),
    .resilient(UpdateKernels.Resilient(added: 0.01, shrinking: 0.5, growing: 1.2, shortest: 0.05, longest: 0.5)),
    .largest(UpdateKernels.Largest(rate: 0.1, decay: 0.03, firstShare: 0.1, kept: 0.99, epsilon: 1e-8)),
    .delta(UpdateKernels.Delta(rate: 0.1, decay: 0.03, kept: 0.9, share: 0.1, epsilon: 1e-6)),
  ]

  /// Parameter, gradient and three memories, each with a guard behind it.
  private struct Arrays<T: KernelScalar>: Equatable {
    var p, g, a, b, c: [T]

    init(_ n: Int) {
      var random = TestRandom(seed: 9)
      func numbers(_ lowest: Double) -> [T] { (0..<n).map { _ in T(Double.random(in: lowest...1, using: &random)) } + [-7] }
      (p, g, a, b, c) = (numbers(-1), numbers(-1), numbers(0), numbers(0), numbers(0))
    }

    mutating func run(_ kernels: UpdateKernels, _ n: Int, _ step: UpdateKernels.Step) {
      p.withUnsafeMutableBytes { p in
        g.withUnsafeBytes { g in
          a.withUnsafeMutableBytes { a in
            b.withUnsafeMutableBytes { b in
              c.withUnsafeMutableBytes { c in
                guard let p = p.baseAddress, let g = g.baseAddress, let a = a.baseAddress, let b = b.baseAddress,
                  let c = c.baseAddress
                else { return }
                kernels.update(p, g, a, b, c, n, step)
              }
            }
          }
        }
      }
    }

    /// The same, by the formulas.
    mutating func follow(_ n: Int, _ step: UpdateKernels.Step) {
      for i in 0..<n { UpdateKernelTests.follow(&p[i], g[i], &a[i], &b[i], &c[i], step) }
    }
  }

  private static func follow<T: KernelScalar>(
    _ p: inout T, _ g: T, _ a: inout T, _ b: inout T, _ c: inout T, _ step: UpdateKernels.Step
  ) {
    switch step {
    case .plainDescent(let rate, let decay): p = p - T(rate) * (g + T(decay) * p)
    case .descent(let d):
      let s = g + T(d.decay) * p
      a = T(d.kept) * a + T(d.share) * s
      p = p - T(d.rate) * (T(d.plain) * s + T(d.remembered) * a)
    case .averagedDescent(let d):
      p = p * T(d.shrinkage) - T(d.rate) * (g + T(d.decay) * p)
      a = a + (p - a) * T(d.share)
    case .adam(let d), .adamLargest(let d):
      let s = g + T(d.decay) * p
      a = a + (s - a) * T(d.firstShare)
      b = b * T(d.secondKept) + s * s * T(d.secondShare)
      if step.memoryCount == 3 { c = max(c, b) }
      let root = (step.memoryCount == 3 ? c : b).squareRoot()
      p = p * T(d.shrinkage) - (T(d.rate) * a + T(d.slopeRate) * s) / (root * T(d.rootScale) + T(d.epsilon))
    case .largest(let d):
      a = a + (g + T(d.decay) * p - a) * T(d.firstShare)
      b = max(T(d.kept) * b, (g + T(d.decay) * p).magnitude + T(d.epsilon))
      p = p - T(d.rate) * a / b
    case .delta(let d):
      let s = g + T(d.decay) * p
      a = T(d.kept) * a + T(d.share) * (s * s)
      let direction = (b + T(d.epsilon)).squareRoot() / (a + T(d.epsilon)).squareRoot() * s
      b = T(d.kept) * b + T(d.share) * (direction * direction)
      p = p - T(d.rate) * direction
    case .scaled(let d), .scaledMomentum(let d), .centred(let d), .centredMomentum(let d):
      followScaled(&p, g, &a, &b, &c, step, d)
    case .sign(let d):
      let look = a + (g - a) * T(d.lookShare)
      p = p * T(d.shrinkage) - T(d.rate) * (look > 0 ? 1 : look < 0 ? -1 : 0)
      a = a + (g - a) * T(d.share)
    case .resilient(let d):
      let agreement = g * a
      b = b * (agreement > 0 ? T(d.growing) : agreement < 0 ? T(d.shrinking) : 1) + T(d.added)
      b = min(max(b, T(d.shortest)), T(d.longest))
      a = agreement < 0 ? 0 : g
      p = p - b * (a > 0 ? 1 : a < 0 ? -1 : 0)
    }
  }

  private static func followScaled<T: KernelScalar>(
    _ p: inout T, _ g: T, _ a: inout T, _ b: inout T, _ c: inout T, _ step: UpdateKernels.Step, _ d: UpdateKernels.Scaled
  ) {
    let s = g + T(d.decay) * p
    a = T(d.kept) * a + T(d.share) * (s * s)
    switch step {
    case .scaledMomentum:
      b = T(d.momentum) * b + s / (a.squareRoot() + T(d.epsilon))
      p = p - T(d.rate) * b
    case .centred, .centredMomentum:
      b = b + (s - b) * T(d.share)
      let direction = s / (max(0, a - b * b).squareRoot() + T(d.epsilon))
      c = step.memoryCount == 3 ? T(d.momentum) * c + direction : c
      p = p - T(d.rate) * (step.memoryCount == 3 ? c : direction)
    default: p = p - T(d.rate) * (s / (a.squareRoot() + T(d.epsilon)))
    }
  }

  @Test func everyTableGivesTheBitsOfTheFormulas() {
    for table in Machine.availableTables {
      for n in Self.lengths {
        for step in Self.steps {
          var (single, expectedSingle) = (Arrays<Float>(n), Arrays<Float>(n))
          var (double, expectedDouble) = (Arrays<Double>(n), Arrays<Double>(n))
          for _ in 0..<2 {
            single.run(table.float32.updates, n, step)
            expectedSingle.follow(n, step)
            double.run(table.float64.updates, n, step)
            expectedDouble.follow(n, step)
          }
          #expect(single == expectedSingle, "\(table.name) \(n) \(step)")
          #expect(double == expectedDouble, "\(table.name) \(n) \(step)")
        }
      }
    }
  }

  @Test func whatIsRememberedDecaysToZeroAndKeepsNaN() {
    for table in Machine.availableTables {
      var arrays = Arrays<Float>(3)
      arrays.p = [1, 1, 1]
      arrays.g = [0, 0, .nan]
      arrays.a = [1.2e-38, 1e-30, 1]
      arrays.b = [1.1754944e-38, 1e-30, 1]
      arrays.p.withUnsafeMutableBytes { p in
        arrays.a.withUnsafeMutableBytes { m in
          arrays.b.withUnsafeMutableBytes { v in
            guard let p = p.baseAddress, let m = m.baseAddress, let v = v.baseAddress else { return }
            var step = Self.adam
            (step.decay, step.slopeRate) = (0, 0)
            table.float32.updates.update(p, arrays.g, m, v, p, 3, .adam(step))
          }
        }
      }
      #expect(arrays.a[0] == 0 && arrays.a[1] > 0 && arrays.a[2].isNaN, "\(table.name)")
      #expect(arrays.b[0] == 0 && arrays.b[1] > 0 && arrays.b[2].isNaN, "\(table.name)")
      #expect(arrays.p[0] == 0.999 as Float && arrays.p[2].isNaN, "\(table.name)")
    }
  }
}
