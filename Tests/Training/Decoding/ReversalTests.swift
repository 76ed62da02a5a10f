import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTraining

/// A tiny translation, learned from nothing: the same symbols in reverse order.
@Suite struct ReversalTests {
  /// Reads symbols 2…6 and writes them; 0 begins and 1 ends.
  private struct Model: Module {
    var embedding: Embedding
    var encoder: GRU
    var bridge: StateBridge<GRUCell, GRUCell>
    var decoder: GRU
    var attention: AdditiveAttention
    var output: Linear

    init(_ hidden: Int, using generator: inout Generator) {
      embedding = Embedding(7, hidden, using: &generator)
      encoder = GRU(hidden, hidden, bidirectional: true, using: &generator)
      decoder = GRU(hidden, hidden, using: &generator)
      bridge = StateBridge(from: encoder, to: decoder, using: &generator)
      attention = AdditiveAttention(queries: hidden, features: 2 * hidden, units: hidden, using: &generator)
      output = Linear(3 * hidden, 7, using: &generator)
    }

    mutating func visit(_ visitor: Visitor) {
      visitor("embedding", &embedding)
      visitor("encoder", &encoder)
      visitor("bridge", &bridge)
      visitor("decoder", &decoder)
      visitor("attention", &attention)
      visitor("output", &output)
    }

    func read(_ texts: Texts) -> AttendingState<GRU.State> {
      let (states, last) = encoder(embedding(texts.sources), lengths: texts.lengths)
      return AttendingState(recurrent: bridge(last), memory: attention.memory(states, lengths: texts.lengths))
    }

    var writer: TokenDecoder<AttendingState<GRU.State>> {
      TokenDecoder(vocabulary: 7, end: 1) { ids, state in
        let hidden = decoder.next(embedding(ids), state: &state.recurrent)
        return output(Tensor.concatenate([hidden, attention(hidden, over: state.memory).context], axis: -1))
      }
    }
  }

  /// Texts of three or four symbols, and the same in reverse, each with its end, filled up with 0.
  private struct Texts {
    let texts: [[Int]]
    var lengths: [Int] { texts.map(\.count) }
    var first: Indices { Indices(Array(repeating: 0, count: texts.count)) }
    var sources: Indices { Texts.filled(texts, 4) }
    var targets: Indices { Texts.filled(texts.map { $0.reversed() + [1] }, 5) }

    init(_ count: Int, using generator: inout Generator) {
      texts = (0..<count).map { _ in
        (0..<Int.random(in: 3...4, using: &generator)).map { _ in Int.random(in: 2...6, using: &generator) }
      }
    }

    private static func filled(_ rows: [[Int]], _ length: Int) -> Indices {
      Indices(rows.flatMap { $0 + Array(repeating: 0, count: length - $0.count) }, shape: [rows.count, length])
    }
  }

  @Test func learnsToReverse() {
    var generator = Generator(seed: 1)
    var model = Model(24, using: &generator)
    var optimizer = Adam(for: model, learningRate: 0.01)
    for step in 0..<240 {
      let texts = Texts(48, using: &generator)
      let slope = gradient(at: model) { model in
        let run = model.writer.mixed(
          texts.targets, first: texts.first, from: model.read(texts), ownProbability: step < 120 ? 0 : 0.2, using: &generator)
        return crossEntropy(run.logits, texts.targets, ignoring: 0)
      }
      if step == 160 { optimizer.learningRate = 0.003 }
      optimizer.update(&model, along: slope)
    }
    let fresh = Texts(200, using: &generator)
    let wanted = fresh.texts.map { Array($0.reversed()) }
    let greedy = model.writer.greedy(fresh.first, from: model.read(fresh), maximumLength: 6)
    #expect(greedy.rows.map(\.tokens) == wanted)
    let beams = model.writer.beams(fresh.first, from: model.read(fresh), width: 3, maximumLength: 6, lengthExponent: 1)
    #expect(beams.map { $0[0].tokens } == wanted)
  }
}
