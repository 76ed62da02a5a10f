import UnrollArrays
import UnrollKernelTemplates

/// A linear recurrence over sequences, and beside it a sum y ← a + b of arrays of the same size, which is what memory gives. Bytes are
/// those of all arrays that are read or written once.
enum RecurrenceCases {
  static func run(into report: inout Report) {
    for type in ElementType.allCases {
      let shape: Shape = [512, 32, 512]
      let bytes = Double(shape.elementCount * type.size)
      let (a, b) = (noise(shape, type, seed: 1), noise(shape, type, seed: 2))
      var out = b + 0
      func add(_ name: String, arrays: Double, _ work: () -> Void) {
        var measurement = report.measure(budget: 2, work)
        measurement.figures = [("gigabytes_per_second", arrays * bytes / measurement.median * 1e-9)]
        report.add("linear_recurrence", "\(name)_\(type)", measurement)
      }
      add("sum", arrays: 3) { NDArray.combine(.addition, a, b, into: &out) }
      add("forward", arrays: 3) { out = NDArray.linearRecurrence(a, b, from: nil) }
      let shared = noise([shape[2]], type, seed: 4)
      add("forward_shared", arrays: 2) { out = NDArray.linearRecurrence(shared, b, from: nil) }
      let form = RecurrenceForm()
      add("backward", arrays: 5) { _ = NDArray.linearRecurrenceCotangents(a, out, from: nil, b, form) }
      add("backward_shared", arrays: 3) { _ = NDArray.linearRecurrenceCotangents(shared, out, from: nil, b, form) }
    }
  }
}
