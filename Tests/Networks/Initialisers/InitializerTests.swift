import Foundation
import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks

/// What initialisers draw: bounds, moments and distributions, within five standard errors.
@Suite struct InitializerTests {
  /// The numbers of one draw in float64.
  private func draw(_ initializer: Initializer, _ shape: Shape, seed: Int = 1, _ type: ElementType = .float64) -> [Double] {
    var generator = Generator(seed: seed)
    return initializer(shape, type, using: &generator).array.scalars(as: Double.self)
  }

  @Test func constants() {
    #expect(draw(.zeros, [2, 3]) == [0, 0, 0, 0, 0, 0])
    #expect(draw(.ones, [2]) == [1, 1])
    #expect(draw(.constant(-2.5), []) == [-2.5])
    #expect(draw(.identity(), [2, 2]) == [1, 0, 0, 1])
    #expect(draw(.identity(scale: 0.5), [2, 2], .float32) == [0.5, 0, 0, 0.5])
  }

  private static let uniforms: [(String, Initializer, Double)] = [
    ("uniform", .uniform(in: -0.3..<0.3), 0.3),
    ("glorotUniform", .glorotUniform, (6.0 / 500).squareRoot()),
    ("heUniform", .heUniform, (6.0 / 100).squareRoot()),
    ("leCunUniform", .leCunUniform, (3.0 / 100).squareRoot()),
  ]

  private static let normals: [(String, Initializer, Double)] = [
    ("normal", .normal(deviation: 0.02), 0.02),
    ("glorotNormal", .glorotNormal, (2.0 / 500).squareRoot()),
    ("heNormal", .heNormal, (2.0 / 100).squareRoot()),
    ("leCunNormal", .leCunNormal, (1.0 / 100).squareRoot()),
  ]

  /// 100 inputs and 400 outputs; the largest distance between the distributions stays below 1.63/√n in 99 cases of 100.
  @Test func distributions() {
    for (name, initializer, bound) in InitializerTests.uniforms {
      let numbers = draw(initializer, [100, 400])
      #expect(numbers.allSatisfy { $0 >= -bound && $0 < bound }, "\(name)")
      #expect(numbers.contains { $0 < -0.9995 * bound } && numbers.contains { $0 > 0.9995 * bound }, "\(name)")
      #expect(distance(numbers) { ($0 / bound + 1) / 2 } < 1.63, "\(name)")
      expectMoments(numbers, variance: bound * bound / 3, fourth: 1.8, name)
    }
    for (name, initializer, deviation) in InitializerTests.normals {
      let numbers = draw(initializer, [100, 400])
      #expect(distance(numbers) { erfc(-$0 / deviation / 2.0.squareRoot()) / 2 } < 1.63, "\(name)")
      expectMoments(numbers, variance: deviation * deviation, fourth: 3, name)
    }
  }

  @Test func truncatedNormal() {
    let numbers = draw(.truncatedNormal(deviation: 0.1), [100, 400])
    #expect(numbers.allSatisfy { abs($0) <= 0.2 } && numbers.contains { abs($0) > 0.195 })
    expectMoments(numbers, variance: 0.007_737_413, fourth: 2.37, "truncatedNormal")
    let within = erf(2.0.squareRoot())
    #expect(distance(numbers) { 0.5 + erf($0 / 0.1 / 2.0.squareRoot()) / within / 2 } < 1.63)
  }

  @Test func sparse() {
    let numbers = draw(.sparse(nonzerosPerColumn: 7, deviation: 0.1), [40, 300])
    var rows = [Int](repeating: 0, count: 40)
    for column in 0..<300 {
      let places = (0..<40).filter { numbers[$0 * 300 + column] != 0 }
      #expect(places.count == 7)
      for place in places { rows[place] += 1 }
    }
    // Each row is chosen with probability 7/40 in each of 300 columns.
    let deviation = (300 * 7.0 / 40 * 33 / 40).squareRoot()
    #expect(rows.allSatisfy { abs(Double($0) - 300 * 7.0 / 40) < 5 * deviation })
    expectMoments(numbers.filter { $0 != 0 }, variance: 0.01, fourth: 3, "sparse")
    #expect(draw(.sparse(nonzerosPerColumn: 3), [3, 2]).allSatisfy { $0 != 0 })
  }

  private static let everyone: [(String, Initializer, Shape)] =
    uniforms.map { ($0.0, $0.1, [12, 12]) } + normals.map { ($0.0, $0.1, [12, 12]) } + [
      ("zeros", .zeros, [3]), ("ones", .ones, [3]), ("truncatedNormal", .truncatedNormal(deviation: 1), [3]),
      ("orthogonal", .orthogonal(), [12, 5]), ("spectralRadius", .spectralRadius(0.9), [9, 9]),
      ("sparse", .sparse(nonzerosPerColumn: 2), [6, 4]), ("identity", .identity(), [4, 4]),
      ("perGate", .perGate(3, .heNormal), [4, 12]), ("chrono", .chrono(longest: 30), [16]),
    ]

  /// The same seed gives the same bits, in the type and shape asked for; another seed gives others.
  @Test func seeds() {
    let constant: Set = ["zeros", "ones", "identity"]
    for (name, initializer, shape) in InitializerTests.everyone {
      for type in ElementType.allCases {
        var (generator, same, other) = (Generator(seed: 3), Generator(seed: 3), Generator(seed: 4))
        let tensor = initializer(shape, type, using: &generator)
        #expect(tensor.shape == shape && tensor.type == type, "\(name)")
        #expect(tensor.array == initializer(shape, type, using: &same).array, "\(name)")
        #expect((tensor.array == initializer(shape, type, using: &other).array) == constant.contains(name), "\(name)")
        #expect(generator == same && (generator == Generator(seed: 3)) == constant.contains(name), "\(name)")
      }
    }
  }

  /// The largest distance between the empirical distribution and the true one, times √n.
  private func distance(_ numbers: [Double], _ distribution: (Double) -> Double) -> Double {
    let n = Double(numbers.count)
    return numbers.sorted().enumerated().reduce(0) { farthest, next in
      let (below, p) = (Double(next.offset) / n, distribution(next.element))
      return max(farthest, p - below, below + 1 / n - p)
    } * n.squareRoot()
  }

  /// Mean 0 and the variance; `fourth` is the fourth moment over the variance's square.
  private func expectMoments(_ numbers: [Double], variance: Double, fourth: Double, _ name: String) {
    let n = Double(numbers.count)
    let mean = numbers.reduce(0, +) / n
    let found = numbers.reduce(0) { $0 + $1 * $1 } / n
    #expect(abs(mean) < 5 * (variance / n).squareRoot(), "\(name)")
    #expect(abs(found / variance - 1) < 5 * ((fourth - 1) / n).squareRoot(), "\(name)")
  }
}
