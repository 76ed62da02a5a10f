import UnrollArrays

/// A million random draws, and operations on masks of that size: nanoseconds per element, including the allocation.
struct RandomCases {
  static func run(into report: inout Report) {
    let n = 1_000_000
    func add(_ name: String, _ work: () -> Void) {
      var measurement = report.measure(budget: 0.5, work)
      measurement.figures = [("ns_each", measurement.median / Double(n) * 1e9)]
      report.add("random", name, measurement)
    }
    var generator = Generator(seed: 1)
    let (a, b) = (Mask.bernoulli([n], using: &generator), Mask.bernoulli([n], probability: 0.9, using: &generator))
    add("mask") { _ = Mask.bernoulli([n], probability: 0.9, using: &generator) }
    for type in ElementType.allCases {
      add("bernoulli_\(type)") { _ = NDArray.bernoulli([n], probability: 0.9, type, using: &generator) }
      add("uniform_\(type)") { _ = NDArray.uniform([n], type, using: &generator) }
      add("normal_\(type)") { _ = NDArray.normal([n], type, using: &generator) }
      add("cast_\(type)") { _ = a.array(type) }
    }
    add("and") { _ = a & b }
    add("count") { _ = a.trueCount }
  }
}
