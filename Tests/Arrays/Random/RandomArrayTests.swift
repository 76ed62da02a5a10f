import Testing
import UnrollKernelTemplates
import UnrollTestSupport

@testable import UnrollArrays

@Suite(.serialized) struct RandomArrayTests {
  typealias Draw = @Sendable (Shape, inout Generator) -> [UInt64]

  /// Every way to fill an array, as bits.
  static let draws: [(name: String, draw: Draw)] = [
    ("uniform float32", { bits(NDArray.uniform($0, in: -3..<5, using: &$1)) }),
    ("uniform float64", { bits(NDArray.uniform($0, in: -3..<5, .float64, using: &$1)) }),
    ("normal float32", { bits(NDArray.normal($0, mean: 1, deviation: 2, using: &$1)) }),
    ("normal float64", { bits(NDArray.normal($0, mean: 1, deviation: 2, .float64, using: &$1)) }),
    ("truncated", { bits(NDArray.truncatedNormal($0, .float64, using: &$1)) }),
    ("bernoulli", { bits(NDArray.bernoulli($0, probability: 0.3, using: &$1)) }),
    ("mask", { Mask.bernoulli($0, probability: 0.3, using: &$1).values.map { $0 ? 1 : 0 } }),
    ("indices", { Indices.random(in: -5..<9, shape: $0, using: &$1).values.map { UInt64(bitPattern: Int64($0)) } }),
  ]

  static func bits(_ x: NDArray) -> [UInt64] { x.scalars(as: Double.self).map(\.bitPattern) }

  @Test(arguments: draws.indices) func bitsDependOnPositionsOnly(_ index: Int) {
    let (name, draw) = Self.draws[index]
    for (start, count) in [(UInt64(0), 40001), (3, 70), (17, 15), (31, 1), (32, 0), (.max - 40, 100)] {
      let fresh = Generator(key: 5, stream: 6, counter: start)
      var one = fresh
      let whole = draw([count], &one)
      #expect(one.counter == start &+ UInt64(count), "\(name)")
      let equal = onThreads {
        var again = fresh
        return draw([count], &again) == whole
      }
      #expect(!equal.contains(false), "\(name): \(count) from \(start) by number of threads: \(equal)")
      var two = fresh
      let halves = draw([count / 2], &two) + draw([1, count - count / 2], &two)
      let same = halves == whole
      #expect(same && one == two, "\(name): \(count) from \(start) differ from their halves")
    }
  }

  /// The tables round alike: the same kernels with other instructions.
  @Test func bitsDependNotOnTheTable() {
    let words = RandomKernels.Words(philox: Philox(key: 1, stream: 2), first: 5, count: 20011)
    let normal = RandomKernels.Normal(mean: 0.3, deviation: 1.7, within: 1, bound: .infinity)
    let uniform = RandomKernels.Uniform(lower: -0.1, width: 0.7, last: 0.6)
    let results = Machine.availableTables.map { table in
      var doubles = [Double](repeating: 0, count: 2 * words.count)
      var floats = [Float](repeating: 0, count: 2 * words.count)
      doubles.withUnsafeMutableBufferPointer { target in
        guard let address = target.baseAddress else { return }
        table.random.normal64(words, normal, address)
        table.random.uniform64(words, uniform, address + words.count)
      }
      floats.withUnsafeMutableBufferPointer { target in
        guard let address = target.baseAddress else { return }
        table.random.normal32(words, normal, address)
        table.random.uniform32(words, uniform, address + words.count)
      }
      return doubles.map(\.bitPattern) + floats.map { UInt64($0.bitPattern) }
    }
    for (result, table) in zip(results, Machine.availableTables) {
      let same = result == results[0]
      #expect(same, "\(table.name) differs from \(Machine.availableTables[0].name)")
    }
  }

  @Test func storedBits() {
    var generator = Generator(seed: 1)
    #expect(Self.bits(.uniform([4], .float64, using: &generator)) == Stored.uniform64)
    generator.counter = 0
    #expect(Self.bits(.uniform([4], using: &generator)) == Stored.uniform32)
    generator.counter = 0
    #expect(Self.bits(.normal([4], .float64, using: &generator)) == Stored.normal64)
    generator.counter = 0
    #expect(Self.bits(.truncatedNormal([4], .float64, using: &generator)) == Stored.truncated64)
    generator.counter = 0
    #expect(Indices.permutation(10, using: &generator).values == Stored.permutation)
    for (bits, exact) in zip(Stored.normal64 + Stored.truncated64, Stored.exactNormal + Stored.exactTruncated) {
      #expect(abs(Double(bitPattern: bits) / exact - 1) < 1e-13)
    }
    #expect(Indices.random(in: 0..<100, shape: [6], using: &generator).values == Stored.indices)
  }

  @Test func numbersOfTrialsAreTheMask() {
    for type in ElementType.allCases {
      for count in [0, 1, 4095, 9001] {
        var (one, other) = (Generator(key: 9, stream: 1, counter: 7), Generator(key: 9, stream: 1, counter: 7))
        let mask = Mask.bernoulli([count], probability: 0.7, using: &one)
        let numbers = NDArray.bernoulli([count], probability: 0.7, of: -2.5, type, using: &other)
        #expect(numbers == mask.array(type) * -2.5 && numbers.type == type && one == other)
      }
    }
  }

  /// Two of them one next to the other have as much in common as chance has it, and so have a trial and the uniform number of
  /// its position: all are drawn of different bits.
  @Test func trialsAreIndependent() {
    let n = 100_000
    var (generator, same) = (Generator(seed: 21), Generator(seed: 21))
    let b = NDArray.bernoulli([n], probability: 0.5, .float64, using: &generator) * 2 - 1
    let u = NDArray.uniform([n], in: -1..<1, .float64, using: &same) * 3.0.squareRoot()
    let bound = 4 * Double(n).squareRoot()
    for distance in [1, 2, 3, 4, 8, 32] {
      #expect(abs((b[..<(n - distance)] * b[distance...]).sum().item) < bound, "\(distance) apart")
    }
    for distance in [0, 1, 2] {
      #expect(abs((b[..<(n - distance)] * u[distance...]).sum().item) < bound, "\(distance) from a uniform number")
    }
  }

  /// The normal quantile at probabilities in the middle and in the tails, against 40 digits.
  @Test(arguments: Stored.quantiles) func theQuantileIsExact(_ q: Double, _ z: Double) {
    let found = NormalQuantile.magnitude(SIMD8(repeating: q))[3]
    #expect(abs(found / z - 1) < 3e-13, "\(q): \(found) instead of \(z)")
  }

  @Test func truncationStaysWithinItsBounds() {
    for bound in [1e-3, 0.5, 2, 3.5, 9, .infinity] {
      var generator = Generator(seed: 4)
      let x = NDArray.truncatedNormal([5000], within: bound, .float64, using: &generator).scalars(as: Double.self)
      #expect(x.allSatisfy { abs($0) <= bound })
      if bound < 3 { #expect(x.contains { abs($0) > 0.95 * bound }) }
    }
  }

  /// Four standard errors of each figure over 100 000 numbers.
  @Test func moments() {
    var generator = Generator(seed: 11)
    let n = 100_000
    let u = NDArray.uniform([n], in: 2..<6, using: &generator).scalars(as: Double.self)
    let z = NDArray.normal([n], mean: -1, deviation: 3, using: &generator).scalars(as: Double.self)
    let t = NDArray.truncatedNormal([n], using: &generator).scalars(as: Double.self)
    let b = NDArray.bernoulli([n], probability: 0.25, using: &generator).scalars(as: Double.self)
    for (x, mean, variance) in [(u, 4, 4.0 / 3), (z, -1, 9), (t, 0, 0.773_741_3), (b, 0.25, 0.1875)] {
      let m = x.reduce(0, +) / Double(n)
      let v = x.reduce(0) { $0 + ($1 - m) * ($1 - m) } / Double(n)
      #expect(abs(m - mean) < 4 * (variance / Double(n)).squareRoot())
      #expect(abs(v / variance - 1) < 4 * (2 / Double(n)).squareRoot())
    }
    #expect(u.allSatisfy { $0 >= 2 && $0 < 6 })
    #expect(!Mask.bernoulli([1000], probability: 0, using: &generator).anyTrue)
    #expect(Mask.bernoulli([1000], probability: 1, using: &generator).allTrue)
  }

  /// The largest distance between the empirical and the true distribution stays below 1.63/√n, which it does 99 times of 100.
  @Test func kolmogorovSmirnov() {
    let n = 20_000
    var generator = Generator(seed: 12)
    let u = NDArray.uniform([n], .float64, using: &generator).scalars(as: Double.self).sorted()
    let z = NDArray.normal([n], .float64, using: &generator).scalars(as: Double.self).sorted()
    var (farthest, farthestNormal) = (0.0, 0.0)
    for i in 0..<n {
      farthest = max(farthest, abs(u[i] - (Double(i) + 0.5) / Double(n)))
      // The other direction: the quantile of the expected rank is a check of ranks, so invert by bisection on the quantile.
      let side = NormalQuantile.probability(within: max(abs(z[i]), .leastNormalMagnitude))
      let p = z[i] < 0 ? (1 - side) / 2 : (1 + side) / 2
      farthestNormal = max(farthestNormal, abs(p - (Double(i) + 0.5) / Double(n)))
    }
    #expect(farthest < 1.63 / Double(n).squareRoot())
    #expect(farthestNormal < 1.63 / Double(n).squareRoot())
  }

  /// Correlations between the streams of siblings, of parent and child, and of neighbouring seeds.
  @Test func streamsAreIndependent() {
    var parent = Generator(seed: 3)
    let children = parent.split(into: 4)
    var all = [parent, Generator(seed: 4)] + children
    all.append(Generator(key: children[0].key, stream: children[0].stream &+ 1, counter: 0))
    let n = 20_000
    let rows = all.map { generator in
      var generator = generator
      return NDArray.normal([n], .float64, using: &generator).scalars(as: Double.self)
    }
    for i in rows.indices {
      for j in 0..<i {
        let correlation = zip(rows[i], rows[j]).reduce(0) { $0 + $1.0 * $1.1 } / Double(n)
        #expect(abs(correlation) < 4 / Double(n).squareRoot(), "streams \(i) and \(j)")
      }
    }
  }

  /// Chi-squared over ten values: 27.9 is exceeded once in a thousand times.
  @Test func indicesAreEquallyLikely() {
    var generator = Generator(seed: 6)
    var counts = [Int](repeating: 0, count: 10)
    for value in Indices.random(in: 5..<15, shape: [100, 200], using: &generator).values { counts[value - 5] += 1 }
    #expect(counts.reduce(0) { $0 + Double(($1 - 2000) * ($1 - 2000)) / 2000 } < 27.9)
    let full = Indices.random(in: Int(Int32.min)..<Int(Int32.max) + 1, shape: [1000], using: &generator).values
    #expect(full.contains { $0 < -1 << 30 } && full.contains { $0 > 1 << 30 })
    var firsts = [Int](repeating: 0, count: 10)
    for _ in 0..<20000 { firsts[Indices.permutation(10, using: &generator)[0].values[0]] += 1 }
    #expect(firsts.reduce(0) { $0 + Double(($1 - 2000) * ($1 - 2000)) / 2000 } < 27.9)
  }
}
