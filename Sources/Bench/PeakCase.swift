import UnrollArrays

/// The peak of one core: multiply-adds on registers only.
enum PeakCase {
  static func run(into report: inout Report) {
    for (type, group) in [(ElementType.float32, "peak"), (.float64, "peak_f64")] {
      let flops = Machine.multiplyAddFlops(type, count: 100_000)
      var measurement = report.measure(budget: 1) { Machine.multiplyAddOnly(type, count: 100_000) }
      measurement.figures = [
        ("gflops", flops / measurement.median * 1e-9), ("gflops_best", flops / measurement.minimum * 1e-9),
      ]
      report.add(group, "1", measurement)
    }
  }
}
