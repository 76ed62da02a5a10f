import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTraining

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

/// Forward and backward through three layers of 1024 units at batch 256: whether a walk costs only its arithmetic, and keeps
/// only what it needs.
struct PerceptronCases {
  static let (batch, width, layers) = (256, 1024, 3)

  static func run(into report: inout Report) {
    let x = Tensor(noise([batch, width], .float32, seed: 1))
    let target = Tensor(noise([batch, width], .float32, seed: 2))
    var parameters: [Tensor] = []
    for layer in 0..<layers {
      parameters.append(Tensor(noise([width, width], .float32, seed: UInt64(3 + layer)) * 0.03))
      parameters.append(Tensor.zeros([width]))
    }
    let held = MemoryPool.figures.bytesInUse
    var measurement = report.measure(budget: 2) { _ = step(parameters, x, target) }
    // All products of forward, and both products of each layer's backward except the gradient by the input.
    let products = Double(layers + 2 * layers - 1)
    let flops = 2 * Double(batch * width * width) * products
    measurement.figures = [
      ("ms", measurement.median * 1e3), ("gflops", flops / measurement.median * 1e-9),
      ("peak_mb", Double(MemoryPool.figures.peakBytesInUse - held) / 1e6), ("held_mb", Double(held) / 1e6),
    ]
    report.add("mlp", "256x1024x3", measurement)
  }

  private static func step(_ parameters: [Tensor], _ x: Tensor, _ target: Tensor) -> [Tensor] {
    gradient(at: parameters) { parameters in
      var h = x
      for layer in 0..<layers { h = h.affine(parameters[2 * layer], bias: parameters[2 * layer + 1]).tanh() }
      return (h - target).square().mean()
    }
  }
}

/// A training step of a character-level and of a word-level language model: embedding, LSTM, linear layer, cross-entropy.
struct LanguageModelCases {
  struct Model: Module {
    var embedding: Embedding
    var lstm: LSTM
    var head: Linear

    mutating func visit(_ visitor: Visitor) {
      visitor("embedding", &embedding)
      visitor("lstm", &lstm)
      visitor("head", &head)
    }

    func callAsFunction(_ ids: Indices) -> Tensor { head(lstm(embedding(ids)).outputs) }
  }

  static func run(into report: inout Report) {
    measure("char_50x50x128_L2_V65", batch: 50, time: 50, hidden: 128, vocabulary: 65, into: &report)
    measure("zaremba_medium_20x35x650_L2_V10k", batch: 20, time: 35, hidden: 650, vocabulary: 10000, into: &report)
  }

  private static func measure(
    _ name: String, batch: Int, time: Int, hidden: Int, vocabulary: Int, into report: inout Report
  ) {
    var generator = Generator(seed: 1)
    var model = Model(
      embedding: Embedding(vocabulary, hidden, using: &generator),
      lstm: LSTM(hidden, hidden, layers: 2, isTimeFirst: true, using: &generator),
      head: Linear(hidden, vocabulary, using: &generator))
    let ids = (0..<2).map { _ in
      Indices((0..<(time * batch)).map { _ in Int.random(in: 0..<vocabulary, using: &generator) }, shape: [time, batch])
    }
    var optimizer = Adam(for: model)
    var measurement = report.measure(budget: 3) {
      let slope = gradient(at: model) { crossEntropy($0(ids[0]), ids[1]) }
      optimizer.update(&model, along: slope.clipped(norm: 1))
    }
    let rows = batch * time
    let products = 3 * rows * (2 * 2 * 8 * hidden * hidden + 2 * hidden * vocabulary)
    measurement.figures = [
      ("ms", measurement.median * 1e3), ("gemm_gflops", Double(products) / measurement.median * 1e-9),
    ]
    report.add("lm", name, measurement)
  }
}

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
