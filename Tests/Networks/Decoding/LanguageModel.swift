import UnrollArrays
import UnrollAutograd
import UnrollNetworks

/// A small model of tokens with sharp preferences, so that searches differ.
struct LanguageModel: Module {
  var embedding: Embedding
  var lstm: LSTM
  var output: Linear

  init(_ vocabulary: Int, seed: Int, sharpness: Double = 8) {
    var generator = Generator(seed: seed)
    embedding = Embedding(vocabulary, 3, .float64, using: &generator)
    lstm = LSTM(3, 4, .float64, using: &generator)
    output = Linear(4, vocabulary, .float64, using: &generator).mapping { $0 * sharpness }
  }

  mutating func visit(_ visitor: Visitor) {
    visitor("embedding", &embedding)
    visitor("lstm", &lstm)
    visitor("output", &output)
  }

  func state(_ rows: Int) -> LSTM.State { lstm.initialState(batch: rows, .float64) }

  func decoder(end: Int?) -> TokenDecoder<LSTM.State> {
    TokenDecoder(vocabulary: embedding.table.shape[0], end: end) { ids, state in
      output(lstm.next(embedding(ids), state: &state))
    }
  }

  /// The logarithm of the probability of tokens that follow the first one.
  func score(_ tokens: [Int], after first: Int) -> Double {
    if tokens.isEmpty { return 0 }
    let targets = Indices(tokens, shape: [1, tokens.count])
    let run = decoder(end: nil).teacherForced(targets, first: [first], from: state(1))
    return run.logits.logSoftmax().gathered(elements: targets.reshaped([1, tokens.count, 1]), axis: 2).sum().item
  }
}

extension Hypothesis {
  /// With the end token, where it came.
  func scoredTokens(_ end: Int) -> [Int] { isFinished ? tokens + [end] : tokens }
}

func isClose(_ a: Double, _ b: Double, _ tolerance: Double = 1e-9) -> Bool { abs(a - b) <= tolerance }

func areClose(_ a: Tensor, _ b: Tensor, _ tolerance: Double = 1e-12) -> Bool {
  a.shape == b.shape
    && zip(a.array.scalars(as: Double.self), b.array.scalars(as: Double.self)).allSatisfy { isClose($0, $1, tolerance) }
}
