import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTraining

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
