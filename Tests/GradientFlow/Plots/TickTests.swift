import Testing

@testable import UnrollGradientFlow

/// Where marks stand and what they say.
@Suite struct TickTests {
  static let linear: [(Double, Double, Int, [String])] = [
    (0, 10, 5, ["0", "2", "4", "6", "8", "10"]),
    (0, 1, 5, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
    (-1, 1, 4, ["−1.0", "−0.5", "0.0", "0.5", "1.0"]),
    (0.1, 0.3, 2, ["0.1", "0.2", "0.3"]),
    (99, 101, 2, ["99", "100", "101"]),
    (0, 3e7, 3, ["0", "10⁷", "2×10⁷", "3×10⁷"]),
    (0, 3e-7, 3, ["0", "10⁻⁷", "2×10⁻⁷", "3×10⁻⁷"]),
    (1e6, 1e6 + 2, 2, ["1000000", "1000001", "1000002"]),
    (0, 250_000, 5, ["0", "50000", "100000", "150000", "200000", "250000"]),
  ]

  @Test(arguments: linear) func linearAxes(lower: Double, upper: Double, count: Int, labels: [String]) {
    let ticks = Axis(scale: .linear, extent: Extent(lower: lower, upper: upper)).ticks(atMost: count, .unicode)
    #expect(ticks.map(\.label) == labels)
  }

  static let logarithmic: [(Double, Double, Int, [String])] = [
    (-3, 1, 5, ["10⁻³", "0.01", "0.1", "1", "10"]),
    (-10, 0, 6, ["10⁻¹⁰", "10⁻⁸", "10⁻⁶", "10⁻⁴", "0.01", "1"]),
    (-320, 0, 5, ["10⁻³⁰⁰", "10⁻²⁰⁰", "10⁻¹⁰⁰", "1"]),
    (0, 0.9, 5, ["1", "2", "5"]),
    (0.32, 0.45, 5, ["2.2", "2.4", "2.6", "2.8"]),
  ]

  @Test(arguments: logarithmic) func logarithmicAxes(lower: Double, upper: Double, count: Int, labels: [String]) {
    let ticks = Axis(scale: .logarithmic, extent: Extent(lower: lower, upper: upper)).ticks(atMost: count, .unicode)
    #expect(ticks.map(\.label).filter { !$0.isEmpty } == labels)
  }

  @Test func decadesHaveSmallMarks() {
    let ticks = Axis(scale: .logarithmic, extent: Extent(lower: 0, upper: 2)).ticks(atMost: 5, .ascii)
    #expect(ticks.count { $0.label.isEmpty } == 16)
    #expect(
      ticks.filter { !$0.label.isEmpty } == [
        .init(position: 0, label: "1"), .init(position: 1, label: "10"), .init(position: 2, label: "100"),
      ])
  }

  @Test func placesAreCorrectlyRounded() {
    let ticks = Axis(scale: .linear, extent: Extent(lower: 0, upper: 1)).ticks(atMost: 10, .unicode)
    #expect(ticks.map(\.position) == [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1])
  }

  /// Every extent, however small, large or far from zero, gets marks within it.
  @Test(arguments: [0, .leastNonzeroMagnitude, 1e-300, 1e-12, 1, 12345.678, 1e15, 1e300])
  func constantsGetMarks(value: Double) {
    for sign in [1.0, -1] {
      var extent = Extent()
      extent.include(sign * value)
      let axis = Axis(scale: .linear, extent: extent.widened(by: 0.05))
      let ticks = axis.ticks(atMost: 5, .unicode)
      #expect(!ticks.isEmpty && ticks.count <= 6)
      #expect(Set(ticks.map(\.label)).count == ticks.count)
    }
  }

  @Test func labelsDoNotTouch() {
    let axis = Axis(scale: .linear, extent: Extent(lower: 0, upper: 100_000))
    for length in [80.0, 150, 400, 1000] {
      let ticks = axis.xTicks(length: length)
      for (a, b) in zip(ticks, ticks.dropFirst()) {
        let room = (axis.fraction(position: b.position) - axis.fraction(position: a.position)) * length
        #expect(room > (TextWidth.of(a.label, size: 11) + TextWidth.of(b.label, size: 11)) / 2)
      }
    }
  }
}
