import UnrollArrays
import UnrollAutograd
import UnrollNetworks

/// CTC with its gradient by the logits: batch, time, classes, longest target. The time includes the log-softmax, as in other
/// systems.
struct LossCases {
  static let shapes = [
    ("32x200x40x30", [32, 200, 40, 30]), ("1x200x40x30", [1, 200, 40, 30]), ("16x1000x80x100", [16, 1000, 80, 100]),
  ]

  static func ctc(into report: inout Report) {
    for (name, shape) in shapes {
      let (batch, time, classes, longest) = (shape[0], shape[1], shape[2], shape[3])
      let logits = Tensor(noise([batch, time, classes], .float32, seed: 1) * 3)
      var generator = Generator(seed: 2)
      let labels = Indices.random(in: 1..<classes, shape: [batch, longest], using: &generator)
      let lengths = (0..<batch).map { longest - $0 % (longest / 2) }
      var measurement = report.measure(budget: 2) {
        _ = gradient(at: logits) { ctcLoss($0, labels, labelLengths: lengths) }
      }
      let states = lengths.reduce(0) { $0 + time * (2 * $1 + 1) }
      measurement.figures = [
        ("ms", measurement.median * 1e3), ("ns_per_state", measurement.median * 1e9 / Double(states)),
      ]
      report.add("ctc", name, measurement)
    }
  }
}
