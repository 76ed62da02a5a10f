import Testing
import UnrollKernelTemplates
import UnrollTestSupport

@testable import UnrollArrays

/// Reductions of arrays against loops in float64: every subset of axes, many shapes, every way to lie in memory.
@Suite struct ReductionTests {
  static let shapes: [Shape] = [
    [], [1], [5], [0], [3, 4], [4, 1], [0, 3], [3, 0], [2, 3, 4], [5, 1, 7], [3, 40, 17], [2, 3, 4, 5], [33, 70], [2, 0, 3],
  ]

  /// The same numbers in other places.
  struct Layout: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let lay: @Sendable (NDArray) -> NDArray
  }

  static let layouts = [
    Layout(testDescription: "contiguous") { $0 },
    Layout(testDescription: "transposed") { $0.transposed().contiguous().transposed() },
    Layout(testDescription: "every second") { x in
      var wide = x.shape
      for axis in wide.indices { wide[axis] *= 2 }
      var holder = NDArray.full(wide, 1e9, x.type)
      let steps = wide.map { _ in AxisSelection.every(2) }
      let inside = NDArray(view: holder.view.selecting(steps), type: x.type)
      inside.view.take(from: x.view, x.type.size)
      holder = inside
      return holder
    },
    Layout(testDescription: "reversed") { x in
      var result = x.contiguous()
      for axis in x.shape.indices { result = result.flipped(axis).contiguous().flipped(axis) }
      return result
    },
    Layout(testDescription: "first and last exchanged") {
      $0.rank < 2 ? $0 : $0.transposed(0, -1).contiguous().transposed(0, -1)
    },
  ]

  static func numbers(_ shape: Shape, _ type: ElementType) -> NDArray {
    var random = TestRandom(seed: UInt64(shape.elementCount) + 11)
    let values = (0..<shape.elementCount).map { _ in Double(Int64(truncatingIfNeeded: random.next() >> 50)) / 8192 - 1 }
    return NDArray(values, shape: shape).cast(to: type)
  }

  /// The elements that make each result, in row-major order of the results.
  static func groups(_ x: NDArray, _ axes: [Int]) -> [[Double]] {
    let values = x.scalars(as: Double.self)
    let kept = x.shape.indices.filter { !axes.contains($0) }
    let outputs = Shape(kept.map { x.shape[$0] })
    var result = [[Double]](repeating: [], count: outputs.elementCount)
    for (i, value) in values.enumerated() {
      var (rest, target, step) = (i, 0, 1)
      for axis in x.shape.indices.reversed() {
        let position = rest % x.shape[axis]
        rest /= x.shape[axis]
        if kept.contains(axis) {
          target += position * step
          step *= x.shape[axis]
        }
      }
      result[target].append(value)
    }
    return result
  }

  static func close(_ y: NDArray, _ expected: [Double], _ tolerance: Double) -> Bool {
    let values = y.scalars(as: Double.self)
    return values.count == expected.count
      && zip(values, expected).allSatisfy {
        $0 == $1 || ($0.isNaN && $1.isNaN) || abs($0 - $1) <= tolerance * Swift.max(1, abs($1))
      }
  }

  @Test(arguments: layouts, ElementType.allCases)
  func equalsLoops(_ layout: Layout, _ type: ElementType) {
    for shape in Self.shapes {
      let plain = Self.numbers(shape, type)
      let x = layout.lay(plain)
      #expect(x == plain)
      for subset in 0..<(1 << shape.count) where subset > 0 || shape.count == 0 {
        check(x, shape.indices.filter { subset >> $0 & 1 == 1 }, layout.testDescription)
      }
    }
  }

  func check(_ x: NDArray, _ axes: [Int], _ layout: String) {
    let groups = Self.groups(x, axes)
    let tolerance = x.type == .float32 ? 2e-5 : 1e-13
    func compare(_ name: String, _ y: NDArray, _ formula: ([Double]) -> Double) {
      #expect(Self.close(y, groups.map(formula), tolerance), "\(name) of \(layout) \(x.shape) along \(axes)")
    }
    func sum(_ g: [Double]) -> Double { g.reduce(0, +) }
    func mean(_ g: [Double]) -> Double { sum(g) / Double(g.count) }
    func variance(_ g: [Double]) -> Double {
      let mean = mean(g)
      return sum(g.map { ($0 - mean) * ($0 - mean) }) / Double(g.count)
    }
    let plan = { AxisReduction("test", x, axes) }
    compare("sum", plan().reduce(.sum), sum)
    compare("mean", plan().mean(), mean)
    compare("variance", plan().variance("variance", 0), variance)
    compare("product", plan().reduce(.product)) { $0.reduce(1, *) }
    compare("largest magnitude", plan().reduce(.largestMagnitude)) { $0.reduce(0) { Swift.max($0, abs($1)) } }
    compare("max", plan().reduce(.maximum)) { $0.max() ?? -.infinity }
    compare("min", plan().reduce(.minimum)) { $0.min() ?? .infinity }
  }

  @Test func namedAxes() {
    let x = Self.numbers([2, 3, 4], .float64)
    #expect(x.sum().shape == [])
    #expect(x.sum(keepingAxes: true).shape == [1, 1, 1])
    #expect(x.sum(axes: -1, 0).shape == [3])
    #expect(x.mean(axes: 1, keepingAxes: true).shape == [2, 1, 4])
    #expect(x.norm(order: .one, axes: 2).shape == [2, 3])
    #expect(x.logSumExp(axes: 0, keepingAxes: true).shape == [1, 3, 4])
    #expect(x.max(axes: 0, -1) == x.max(axes: 2).max(axes: 0))
    #expect(NDArray([1, 2, 3, 4] as [Float]).variance(correction: 1).item == Double(Float(5) / 3))
    #expect(NDArray([2, 4] as [Float]).standardDeviation().item == 1)
    #expect(NDArray.zeros([0, 3]).max(axes: 1).shape == [0])
    #expect(NDArray.zeros([0, 3]).mean(axes: 0).scalars(as: Double.self).allSatisfy { $0.isNaN })
  }

  @Test func aMillionTenths() {
    // A plain float32 loop is off by one part in a hundred here; pairwise sums stay within a few units in the last place.
    let x = NDArray.full([1_000_000], 0.1)
    let exact = Double(Float(0.1)) * 1e6
    #expect(abs(x.sum().item - exact) <= exact * 4 * Double(Float.ulpOfOne))
    let columns = x.reshaped([100_000, 10]).sum(axes: 0)
    for sum in columns.scalars(as: Double.self) { #expect(abs(sum - exact / 10) <= exact / 10 * 4 * Double(Float.ulpOfOne)) }
  }

  @Test func normsDoNotOverflow() {
    #expect(Self.close(NDArray([3e30, -4e30] as [Float]).norm(), [5e30], 1e-6))
    #expect(
      Self.close(NDArray([3e-30, 4e-30] as [Float]).norm(), [5e-30], 0)
        || abs(NDArray([3e-30, 4e-30] as [Float]).norm().item / 5e-30 - 1) < 1e-6)
    #expect(abs(NDArray([3e300, 4e300]).norm().item / 5e300 - 1) < 1e-15)
    #expect(
      NDArray([3 * Float.leastNonzeroMagnitude, 4 * Float.leastNonzeroMagnitude]).norm().item == 5
        * Double(Float.leastNonzeroMagnitude))
    #expect(NDArray([Float.infinity, 1]).norm().item == .infinity)
    #expect(NDArray([Float.nan, 1]).norm().item.isNaN)
    #expect(NDArray.zeros([4]).norm().item == 0)
    #expect(NDArray.zeros([0]).norm().item == 0)
    let rows = NDArray([3e30, 4e30, 3, 4] as [Float], shape: [2, 2])
    #expect(Self.close(rows.norm(axes: 1), [5e30, 5], 1e-6))
    #expect(rows.norm(order: .infinity, axes: 0).scalars(as: Float.self) == [3e30, 4e30])
  }

  /// More numbers than are taken at once, with a rest, in order and across it.
  @Test func wholeNormsAreNormsInDoublePrecision() {
    let x = Self.numbers([3, 20_001], .float32)
    for view in [x, x.transposed(), x[1], x.cast(to: .float64)] {
      for order in [NormOrder.one, .two, .infinity] {
        let expected = view.cast(to: .float64).norm(order: order).item
        #expect(abs(view.wholeNorm(order) - expected) <= 1e-13 * expected)
      }
    }
    #expect((x * 1e38).wholeNorm(.two).isFinite && NDArray.zeros([40_000]).wholeNorm(.two) == 0)
    var spoilt = x.reshaped([60_003])
    spoilt.fill(.nan, at: 60_002)
    #expect(spoilt.wholeNorm(.two).isNaN)
  }

  @Test func resultsDoNotDependOnThreads() {
    let x = Self.numbers([300, 1000], .float32)
    let results = onThreads {
      [x.sum(), x.sum(axes: 0), x.sum(axes: 1), x.variance(), x.softmax(axis: 0), x.logSumExp(axes: 1), x.norm()]
    }
    #expect(results.allSatisfy { $0 == results[0] })
  }
}
