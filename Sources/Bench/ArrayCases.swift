import UnrollArrays
import UnrollAutograd
import UnrollKernelTemplates

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

/// Elementwise functions of a million numbers between −4 and 4, written to an existing array; and of few numbers, where the
/// overhead of a call dominates.
struct ElementCases {
  static let functions: [(String, UnaryOperation)] = [("sigmoid", .sigmoid), ("tanh", .tanh), ("exp", .exp)]

  static func million(_ type: ElementType, _ group: String, into report: inout Report) {
    let n = 1_000_000
    let x = noise([n], type, seed: 1) * 4
    let y = x + 1
    var out = x + 0
    for (name, operation) in functions {
      report.add(group, name, measured(n, report) { NDArray.map(operation, x, into: &out) })
    }
    report.add(group, "add", measured(n, report) { NDArray.combine(.addition, x, y, into: &out) })
  }

  static func small(into report: inout Report) {
    for n in [1, 16, 64] {
      let x = noise([n], .float32, seed: 1)
      let y = noise([n], .float32, seed: 2)
      var out = x + 0
      report.add(
        "elem_small", "add_\(n)", measured(1000, report) { for _ in 0..<1000 { NDArray.combine(.addition, x, y, into: &out) } })
      report.add("elem_small", "add_new_\(n)", measured(1000, report) { for _ in 0..<1000 { out = x + y } })
      report.add("elem_small", "tanh_\(n)", measured(1000, report) { for _ in 0..<1000 { NDArray.map(.tanh, x, into: &out) } })
    }
  }

  private static func measured(_ count: Int, _ report: Report, _ work: () -> Void) -> Measurement {
    var measurement = report.measure(budget: 0.5, work)
    measurement.figures = [("ns_each", measurement.median / Double(count) * 1e9)]
    return measurement
  }
}

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

/// Matrix products: squares, and the shapes of an LSTM's steps with both weight layouts.
struct ProductCases {
  static let sizes = [64, 128, 256, 512, 1024, 2048]
  static let batches = [1, 16, 32, 64]
  static let hidden = [64, 128, 256, 512, 1024]

  static func squares(_ type: ElementType, _ group: String, into report: inout Report) {
    for n in sizes {
      let (a, b) = (noise([n, n], type, seed: 1), noise([n, n], type, seed: 2))
      var c = noise([n, n], type, seed: 3)
      report.add(group, "\(n)", measured(2 * n * n * n, budget: 1.5, report) { NDArray.multiply(a, b, into: &c) })
    }
  }

  /// Products with weights that are packed beforehand, as in a layer that reuses them at every step, or read in place.
  static func steps(
    _ type: ElementType, _ group: String, transposed: Bool, packed: Bool = true, into report: inout Report
  ) {
    for size in hidden {
      for batch in batches {
        let a = noise([batch, size], type, seed: 1)
        let weights = noise(transposed ? [4 * size, size] : [size, 4 * size], type, seed: 2)
        let b = transposed ? weights.transposed() : weights
        var c = noise([batch, 4 * size], type, seed: 3)
        let panels = PackedMatrix(b)
        report.add(
          group, "B\(batch)_H\(size)",
          measured(8 * batch * size * size, budget: 0.6, report) {
            if packed { NDArray.multiply(a, panels, into: &c) } else { NDArray.multiply(a, b, into: &c) }
          })
      }
    }
  }

  private static func measured(_ flops: Int, budget: Double, _ report: Report, _ work: () -> Void) -> Measurement {
    var measurement = report.measure(budget: budget, work)
    measurement.figures = [
      ("gflops", Double(flops) / measurement.median * 1e-9), ("gflops_best", Double(flops) / measurement.minimum * 1e-9),
    ]
    return measurement
  }
}
