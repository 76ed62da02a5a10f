internal import UnrollKernelTemplates
internal import UnrollTestSupport

/// What optimizers' rules are made of: every length, steps of 0 and 1, the same bits on every table, nothing written beyond the
/// end.
struct CombinationLoops: KernelLoops {
  let table: KernelTable
  let findings: Findings

  private static let lengths = Array(0...40) + [63, 64, 65, 127, 257]

  private static let operations: [CombinationOperation] = CombinationOperation.Joint.allCases.flatMap { joint in
    [(false, false), (false, true), (true, false), (true, true)].map {
      CombinationOperation(joint, takesRoot: $0.0, takesSquare: $0.1)
    }
  }

  private struct Operands<T: KernelScalar> {
    var x, y, z: [T]
    let numbers: [T] = [0.3, -0.7, 1.1, 0.9, 1e-3]

    init(_ n: Int) {
      var random = TestRandom(seed: 9)
      func numbers() -> [T] { (0..<n).map { _ in T(Double.random(in: 0.1...1, using: &random)) } + [-7] }
      (x, y, z) = (numbers(), numbers(), numbers())
    }

    func expected(_ operation: CombinationOperation, _ n: Int, _ dx: Int, _ dy: Int) -> [T] {
      (0..<n).map { i in
        let (x, y) = (x[i * dx], y[i * dy])
        let (left, right) = (
          (operation.takesRoot ? x.squareRoot() : x) * numbers[0], (operation.takesSquare ? y * y : y) * numbers[1]
        )
        return operation.joint == .quotient ? left / right : left + right
      } + [-7]
    }

    /// With the result in x's place where x is a row.
    func combined(_ kernels: Kernels, _ operation: CombinationOperation, _ n: Int, _ dx: Int, _ dy: Int) -> [T] {
      let kernel = kernels.elements.combination(operation)
      var out = dx == 1 ? x : [T](repeating: -7, count: n + 1)
      let first = x
      out.withUnsafeMutableBytes { out in
        first.withUnsafeBytes { first in
          y.withUnsafeBytes { y in
            guard let place = out.baseAddress, let x = first.baseAddress, let y = y.baseAddress else { return }
            kernel.run(dx == 1 ? UnsafeRawPointer(place) : x, dx, [numbers[0]], y, dy, [numbers[1]], place, n)
          }
        }
      }
      return out
    }

    func expectedStep(_ takesRoot: Bool, _ n: Int) -> [T] {
      (0..<n).map { i in
        let bottom = (takesRoot ? y[i].squareRoot() : y[i]) * numbers[1] + numbers[4]
        return z[i] * numbers[2] - x[i] * numbers[0] / bottom * numbers[3]
      } + [-7]
    }

    func step(_ kernels: Kernels, _ takesRoot: Bool, _ n: Int) -> [T] {
      let kernel = kernels.elements.quotientStep(takesRoot)
      var out = z
      out.withUnsafeMutableBytes { out in
        x.withUnsafeBytes { x in
          y.withUnsafeBytes { y in
            guard let z = out.baseAddress, let x = x.baseAddress, let y = y.baseAddress else { return }
            kernel.run(
              z, [numbers[2]], x, [numbers[0]], y, [numbers[1]], [numbers[4]], [numbers[3]], z, n)
          }
        }
      }
      return out
    }
  }

  func everyTableGivesTheBitsOfTheFormulas() {
    for n in Self.lengths {
      let (single, double) = (Operands<Float>(n), Operands<Double>(n))
      for operation in Self.operations {
        for (dx, dy) in n == 0 ? [(1, 1)] : [(1, 1), (0, 1), (1, 0)] {
          expect(
            single.combined(table.float32, operation, n, dx, dy) == single.expected(operation, n, dx, dy),
            "\(n) \(operation)")
          expect(
            double.combined(table.float64, operation, n, dx, dy) == double.expected(operation, n, dx, dy),
            "\(n) \(operation)")
        }
      }
      for takesRoot in [false, true] {
        expect(single.step(table.float32, takesRoot, n) == single.expectedStep(takesRoot, n), "\(n)")
        expect(double.step(table.float64, takesRoot, n) == double.expectedStep(takesRoot, n), "\(n)")
      }
    }
  }

  func sumsFadeToZeroAndKeepNaN() {
    let x: [Float] = [1.2e-38, 1.1754944e-38, 1e-30, .nan, -1.2e-38, .infinity, 0]
    for n in [7, 1] {
      var out = [Float](repeating: -7, count: 8)
      out.withUnsafeMutableBytes { bytes in
        guard let place = bytes.baseAddress else { return }
        table.float32.elements.combination(.init(.fadingSum)).run(
          x, 1, [0.9 as Float], [0 as Float], 0, [1 as Float], place, n)
      }
      expect(out[0] == 0 && out[n] == -7, "sums that fade")
      if n == 7 {
        expect(out[1] == 0 && out[2] == 0.9 * x[2] && out[3].isNaN && out[4] == 0, "sums that fade")
        expect(out[5] == .infinity && out[6] == 0, "sums that fade")
      }
    }
  }
}
