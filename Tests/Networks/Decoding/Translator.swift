import UnrollArrays
import UnrollAutograd
import UnrollNetworks

/// An encoder in both directions, a bridge, and a decoder that attends.
struct Translator<Attending: Attention>: Module {
  var embedding: Embedding
  var encoder: GRU
  var bridge: StateBridge<GRUCell, LSTMCell>
  var decoder: LSTM
  var attention: Attending
  var output: Linear

  init(
    _ vocabulary: Int, _ hidden: Int, _ type: ElementType = .float64, seed: Int,
    attention: (_ queries: Int, _ features: Int, _ generator: inout Generator) -> Attending
  ) {
    var generator = Generator(seed: seed)
    embedding = Embedding(vocabulary, hidden, type, using: &generator)
    encoder = GRU(hidden, hidden, bidirectional: true, type, using: &generator)
    decoder = LSTM(hidden, hidden, type, using: &generator)
    bridge = StateBridge(from: encoder, to: decoder, type, using: &generator)
    self.attention = attention(hidden, 2 * hidden, &generator)
    output = Linear(3 * hidden, vocabulary, type, using: &generator)
  }

  mutating func visit(_ visitor: Visitor) {
    visitor("embedding", &embedding)
    visitor("encoder", &encoder)
    visitor("bridge", &bridge)
    visitor("decoder", &decoder)
    visitor("attention", &attention)
    visitor("output", &output)
  }

  func read(_ source: Indices, lengths: [Int]? = nil) -> AttendingState<LSTM.State> {
    let (states, last) = encoder(embedding(source), lengths: lengths)
    return AttendingState(recurrent: bridge(last), memory: attention.memory(states, lengths: lengths))
  }

  func writer(end: Int?) -> TokenDecoder<AttendingState<LSTM.State>> {
    TokenDecoder(vocabulary: embedding.table.shape[0], end: end) { ids, state in
      let hidden = decoder.next(embedding(ids), state: &state.recurrent)
      let (context, _) = attention(hidden, over: state.memory)
      return output(Tensor.concatenate([hidden, context], axis: -1))
    }
  }
}
