import Unroll
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

  /// A training step of a linear cell: by the program of its step, and all steps as one recurrence in tensor arithmetic.
  static func training(into report: inout Report) {
    for setting in [
      RecurrentCases.Setting(1, 1000, 128, 128), RecurrentCases.middle, RecurrentCases.Setting(32, 512, 256, 256),
    ] {
      var generator = Generator(seed: 1)
      let (_, x, target) = RecurrentCases.lstm(setting)
      let model = Recurrent(setting.inputs, [setting.hidden], isTimeFirst: true) { MinGRUCell($0, $1, using: &generator) }
      let untraced = model.modifyingCells { UntracedMinGRU(cell: $0) }
      report.add(
        "linear_train", "\(setting.name)_program",
        report.measure(budget: 2, RecurrentCases.trainingStep(model, x, target) { $0($1).outputs }))
      report.add(
        "linear_train", "\(setting.name)_recurrence",
        report.measure(budget: 2, RecurrentCases.trainingStep(untraced, x, target) { $0($1).outputs }))
    }
  }

  /// A minGRU that reads a number, so that it cannot be traced.
  private struct UntracedMinGRU: LinearCell {
    var cell: MinGRUCell
    var hiddenSize: Int { cell.hiddenSize }

    mutating func visit(_ visitor: Visitor) { cell.visit(visitor) }
    func project(_ x: Tensor) -> Tensor { cell.project(x) }
    func coefficients(_ projected: Tensor) -> (a: Tensor, b: Tensor) {
      _ = projected[0].sum().item
      return cell.coefficients(projected)
    }
    func initialState(batch: Int, _ type: ElementType) -> MinGRUCell.State { cell.initialState(batch: batch, type) }
  }
}
