import UnrollArrays

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
