import Testing

@testable import unroll_lab

/// What is exact is exact, what is random has no bias, and the rest has one.
@Suite struct OnlineDemonstrationTests {
  @Test func exactBiasedAndRandom() throws {
    let online = OnlineDemonstration(steps: 6, hidden: 2, draws: 24)
    #expect(online.windows == [1, 2] && online.courses.count == 3)
    for course in online.courses {
      let exact = course.estimates.filter(\.isExact).map(\.name)
      #expect(exact == (course.name == "IndRNN" ? ["RTRL", "diagonal", "SnAp-1"] : ["RTRL"]), "\(course.name)")
      for estimate in course.estimates where !exact.contains(estimate.name) {
        if estimate.draws > 1 {
          #expect(estimate.bias < 3 * estimate.standardError && estimate.deviation > 0.01, "\(course.name) \(estimate.name)")
          // Averages of 1, 2 and 4 draws: six groups of four are the fewest that count.
          #expect(estimate.errors.count == 3 && estimate.errors[2] < estimate.errors[0], "\(course.name) \(estimate.name)")
        } else {
          #expect(estimate.bias > 0.01 && estimate.errors == [estimate.bias], "\(course.name) \(estimate.name)")
        }
      }
      let (one, two) = (try #require(course["windows of 1"]), try #require(course["windows of 2"]))
      #expect(one.bias > two.bias && two.cosine < 1)
    }
  }
}
