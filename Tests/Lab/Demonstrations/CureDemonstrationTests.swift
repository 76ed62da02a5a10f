import Testing
import UnrollArrays
import UnrollAutograd

@testable import unroll_lab

/// What the cures are said to do: for some it is a formula, for others a training that fails without.
@Suite struct CureDemonstrationTests {
  private func power(_ factor: Double, _ steps: Int) -> Double { (0..<steps).reduce(1) { product, _ in product * factor } }

  @Test func theTaskTellsAtTheFirstStepAlone() {
    var generator = Generator(seed: 1)
    let (inputs, targets) = DelayTask(steps: 5).batch(40, using: &generator)
    #expect(inputs.shape == [40, 5, 2] && targets.shape == [40, 1])
    let (numbers, wanted) = (inputs[.all, .all, 0].scalars(as: Double.self), targets.scalars(as: Double.self))
    for row in 0..<40 { #expect(Array(numbers[(5 * row)..<(5 * row + 5)]) == [2 * wanted[row] - 1, 0, 0, 0, 0]) }
    #expect(Set(wanted) == [0, 1])
  }

  /// Linear units whose weights are orthogonal keep the gradient; 1.1 times such weights stretch it at every step.
  @Test func linearNetworksScaleByTheirGain() throws {
    let demonstration = CureDemonstration(steps: 30, hidden: 6, updates: 1, cures: [.orthogonal, .stretching])
    let (kept, stretched) = (try #require(demonstration[.orthogonal]), try #require(demonstration[.stretching]))
    for t in 0...30 {
      #expect(abs(kept.start[t] - 1) < 1e-5)
      #expect(abs(stretched.start[t] / power(1.1, 30 - t) - 1) < 1e-5)
    }
    // An update of orthogonal weights leaves them orthogonal.
    #expect(kept.end.allSatisfy { abs($0 - 1) < 1e-5 })
  }

  @Test func whatCarriesTheGradientLearns() throws {
    let demonstration = CureDemonstration(
      steps: 40, hidden: 10, updates: 60, cures: [.tanh, .identityStart, .orthogonal, .openGates])
    let plain = try #require(demonstration[.tanh])
    #expect(plain.start[0] < 1e-6 && plain.solvedAt == nil && plain.rights.count == 7)
    #expect(plain.rights.allSatisfy { abs($0 - 0.5) < 0.2 }, "\(plain.rights)")
    for cure in [Cure.identityStart, .orthogonal, .openGates] {
      let course = try #require(demonstration[cure])
      #expect(course.start[0] > 1e-3 && course.solvedAt != nil, "\(cure): \(course.start[0]), \(course.rights)")
      #expect(try #require(course.rights.last) >= 0.99)
    }
  }

  /// A short flossing brings the first exponents, and with them the gradient, much nearer to 1.
  @Test func flossingCarriesTheGradient() throws {
    let demonstration = CureDemonstration(steps: 16, hidden: 6, updates: 30, cures: [.tanh, .flossing])
    let (plain, flossed) = (try #require(demonstration[.tanh]), try #require(demonstration[.flossing]))
    #expect(plain.start[0] < 1e-3 && flossed.start[0] > 0.1, "\(plain.start[0]) and \(flossed.start[0])")
    #expect(plain.solvedAt == nil && flossed.solvedAt != nil)
  }

  @Test func clippingSavesTheRunAndNotTheGradient() throws {
    let demonstration = CureDemonstration(steps: 80, hidden: 8, updates: 40, cures: [.stretching, .clipped])
    let (bare, clipped) = (try #require(demonstration[.stretching]), try #require(demonstration[.clipped]))
    #expect(bare.divergedAt != nil && bare.end.isEmpty && bare.solvedAt == nil)
    #expect(clipped.solvedAt != nil && clipped.start == bare.start)
    #expect(try #require(clipped.end.first) > 100)
  }

  @Test func theSameSeedGivesTheSameNumbers() throws {
    func course(_ seed: Int) throws -> CureDemonstration.Course {
      try #require(CureDemonstration(steps: 8, hidden: 3, updates: 10, seed: seed, cures: [.openGates])[.openGates])
    }
    let (one, same, other) = (try course(7), try course(7), try course(8))
    #expect(one.start == same.start && one.end == same.end && one.rights == same.rights)
    #expect(one.start != other.start)
  }
}
