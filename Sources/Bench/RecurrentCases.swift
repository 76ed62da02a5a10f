import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTraining

/// One LSTM over sequences, with the names and the shapes of the other systems' benchmarks: batch, time, inputs, hidden, layers.
struct RecurrentCases {
  static let shapes = [
    ("1x100x32x32", [1, 100, 32, 32, 1]), ("16x50x64x64", [16, 50, 64, 64, 1]), ("32x100x128x128", [32, 100, 128, 128, 1]),
    ("64x100x256x256", [64, 100, 256, 256, 1]), ("32x128x512x512", [32, 128, 512, 512, 1]),
    ("20x35x650x650_L2", [20, 35, 650, 650, 2]), ("1x1000x128x128", [1, 1000, 128, 128, 1]),
  ]

  /// The outputs of all steps, nothing recorded.
  static func forward(into report: inout Report) {
    for (name, shape) in shapes {
      let (model, x, _) = setting(shape)
      report.add("lstm_fwd", name, measured(shape, 1, report) { _ = model(x) })
    }
  }

  /// A whole training step: mean squared error, gradient, clipping by norm, Adam.
  static func training(into report: inout Report) {
    for (name, shape) in shapes {
      var (model, x, target) = setting(shape)
      var optimizer = Adam(for: model)
      report.add(
        "lstm_train", name,
        measured(shape, 3, report) {
          let slope = gradient(at: model) { meanSquaredError($0(x).outputs, target) }
          optimizer.update(&model, along: slope.clipped(norm: 1))
        })
    }
  }

  private static func setting(_ shape: [Int]) -> (LSTM, Tensor, Tensor) {
    let (batch, time, inputs, hidden) = (shape[0], shape[1], shape[2], shape[3])
    var generator = Generator(seed: 1)
    let model = LSTM(inputs, hidden, layers: shape[4], isTimeFirst: true, using: &generator)
    let x = Tensor(noise([time, batch, inputs], .float32, seed: 2))
    return (model, x, Tensor(noise([time, batch, hidden], .float32, seed: 3)))
  }

  private static func measured(_ shape: [Int], _ passes: Int, _ report: Report, _ work: () -> Void) -> Measurement {
    var measurement = report.measure(budget: 2, work)
    let (batch, time, inputs, hidden, layers) = (shape[0], shape[1], shape[2], shape[3], shape[4])
    let products = (0..<layers).reduce(0) { $0 + 8 * batch * time * hidden * (($1 == 0 ? inputs : hidden) + hidden) }
    measurement.figures = [
      ("ms", measurement.median * 1e3), ("gemm_gflops", Double(products * passes) / measurement.median * 1e-9),
    ]
    return measurement
  }
}
