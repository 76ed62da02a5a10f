internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollNetworks
internal import UnrollTraining

/// A character-level language model: an embedding, stacked LSTM layers, and a linear layer that predicts the next character.
///
/// Ids `[batch, time]` give logits `[batch, time, vocabulary]`.
struct CharacterModel: Module {
  /// The vector of each character.
  var embedding: Embedding
  /// The recurrent layers.
  var lstm: LSTM
  /// The layer that computes the logits of the next character.
  var head: Linear

  /// A model for a vocabulary; the vectors have as many elements as a layer has units.
  ///
  /// It is initialised as in PyTorch: vectors are normal with deviation 1, everything else is uniform in ±1/√hidden, and a bias
  /// of the LSTM is the sum of two such numbers.
  init(vocabulary: Int, hidden: Int, layers: Int, using generator: inout Generator) {
    embedding = Embedding(vocabulary, hidden, using: &generator)
    let bound = 1 / Double(hidden).squareRoot()
    let uniform = Initializer.uniform(in: -bound..<bound)
    lstm = LSTM(hidden, hidden, layers: layers) {
      var cell = LSTMCell($0, $1, input: uniform, recurrent: uniform, using: &generator)
      cell.bias = uniform([4 * hidden], using: &generator) + uniform([4 * hidden], using: &generator)
      return cell
    }
    head = Linear(hidden, vocabulary, using: &generator)
  }

  mutating func visit(_ visitor: Visitor) {
    visitor("embedding", &embedding)
    visitor("lstm", &lstm)
    visitor("head", &head)
  }

  /// The logits of the next characters, and the state to continue from.
  func callAsFunction(_ ids: Indices, from state: LSTM.State? = nil) -> (logits: Tensor, state: LSTM.State) {
    let (outputs, state) = lstm(embedding(ids), from: state)
    return (head(outputs), state)
  }

  /// The mean loss over a stream of ids, in bits per character; windows are read in order, and the state is carried along.
  func bits(_ windows: Windows) -> Double { bits(windows, unless: { false }) ?? .nan }

  /// The same; nil if it is stopped between two windows.
  func bits(_ windows: Windows, unless isStopped: () -> Bool) -> Double? {
    var mean = WeightedMean()
    var state: LSTM.State?
    for window in windows {
      if isStopped() { return nil }
      let (logits, next) = self(window.inputs, from: state)
      mean.add(crossEntropy(logits, window.targets).item, weight: Double(window.targetCount))
      state = next
    }
    return mean.value * bitsPerNat
  }

  /// Samples ids that continue a prompt, one after another: pₖ ∝ exp(logitₖ / temperature). A low temperature favours likely
  /// characters.
  func continuation(of prompt: [Int], length: Int, temperature: Double, using generator: inout Generator) -> [Int] {
    guard let last = prompt.last else { stop("continuation: the prompt is empty") }
    var state = lstm.initialState(batch: 1, embedding.table.type)
    if prompt.count > 1 { state = self(Indices(Array(prompt.dropLast()), shape: [1, prompt.count - 1]), from: state).state }
    let stream = lstm.prepared()
    let decoder = TokenDecoder(vocabulary: embedding.table.shape[0], end: nil) { (ids: Indices, state: inout LSTM.State) in
      head(stream(embedding(ids), state: &state))
    }
    let drawn = decoder.sampled(
      Indices([last]), from: state, maximumLength: length, temperature: temperature, using: &generator)
    return drawn.rows[0].tokens
  }
}

/// 1 / ln 2.
let bitsPerNat = 1.4426950408889634
