import UnrollArrays
import UnrollAutograd

/// y ← y a + b on small tensors, repeatedly: the overhead of an operation.
struct ChainCases {
  static let operations = 10_000

  static func run(into report: inout Report) {
    for n in [1, 64] {
      let y = Tensor.ones([n])
      let (a, b) = (Tensor.full([n], 0.999), Tensor.full([n], 1e-3))
      report.add("chain", "size\(n)_fwd", measured(report) { _ = chain(y, a, b) })
      report.add("chain", "size\(n)_fwd_tape", measured(report) { _ = pullback(at: y) { chain($0, a, b) } })
      report.add("chain", "size\(n)_fwdbwd", measured(report) { _ = gradient(at: y) { chain($0, a, b).sum() } })
      report.add(
        "chain", "size\(n)_fwdbwd3", measured(report) { _ = gradient(at: [y, a, b]) { chain($0[0], $0[1], $0[2]).sum() } })
    }
  }

  private static func chain(_ start: Tensor, _ a: Tensor, _ b: Tensor) -> Tensor {
    var y = start
    for _ in 0..<operations / 2 { y = y * a + b }
    return y
  }

  private static func measured(_ report: Report, _ work: () -> Void) -> Measurement {
    var measurement = report.measure(budget: 0.5, work)
    measurement.figures = [("ns_per_op", measurement.median / Double(operations) * 1e9)]
    return measurement
  }
}
