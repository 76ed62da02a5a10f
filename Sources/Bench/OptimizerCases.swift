import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTraining

/// An update of ten million parameters, and for comparison the simplest operation on the same memory.
struct OptimizerCases {
  private struct Parameters: Module {
    var tensors: [Tensor]

    mutating func visit(_ visitor: Visitor) {
      for i in tensors.indices { visitor("\(i)", &tensors[i]) }
    }
  }

  static func run(into report: inout Report) {
    let (count, extent) = (10, 1000)
    func parameters(_ seed: UInt64, _ scale: Double) -> Parameters {
      Parameters(tensors: (0..<count).map { Tensor(noise([extent, extent], .float32, seed: 10 * seed + UInt64($0)) * scale) })
    }
    var model = parameters(1, 1)
    let slope = parameters(2, 0.01)
    var optimizer = Adam(for: model)
    // Reads parameters, gradients and both means; writes all but the gradients.
    let bytes = 7 * 4 * count * extent * extent
    report.add("optimizer", "adam_10M", measured(report, bytes) { optimizer.update(&model, along: slope) })
    var arrays = model.tensors.map(\.array)
    model = parameters(3, 1)
    let others = slope.tensors.map(\.array)
    let sums = measured(report, 3 * 4 * count * extent * extent) { for i in 0..<count { arrays[i] += others[i] } }
    report.add("optimizer", "add_in_place_10M", sums)
  }

  private static func measured(_ report: Report, _ bytes: Int, _ work: () -> Void) -> Measurement {
    var measurement = report.measure(budget: 2, work)
    measurement.figures = [
      ("ms", measurement.median * 1e3), ("gigabytes_per_second", Double(bytes) / measurement.median * 1e-9),
    ]
    return measurement
  }
}
