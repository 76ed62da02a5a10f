import UnrollArrays
import UnrollAutograd
import UnrollNetworks

/// Attention, bridges and decoders.
let decodingEntrances: [Entrance] = [
  Entrance("DotAttention") { m in
    var generator = m.generator()
    var attention = DotAttention(
      queries: m.integer("queries", 3), features: m.integer("features", 4), isScaled: m.flag("scaled"), m.type,
      using: &generator)
    m.damage(&attention)
    attend(&m, attention)
  },
  Entrance("DotAttention of weights") { m in
    let attention = DotAttention(weight: m.tensor("weight", [4, 3]), isScaled: m.flag("scaled"))
    attend(&m, attention)
  },
  Entrance("AdditiveAttention") { m in
    var generator = m.generator()
    var attention = AdditiveAttention(
      queries: m.integer("queries", 3), features: m.integer("features", 4), units: m.integer("units", in: 1...4),
      bias: m.flag("bias"), m.type, using: &generator)
    m.damage(&attention)
    attend(&m, attention)
  },
  Entrance("AdditiveAttention of weights") { m in
    let attention = AdditiveAttention(
      queryWeight: m.tensor("query", [3, 5]), keyWeight: m.tensor("key", [4, 5]), bias: m.tensor("bias", [5]),
      scoreWeight: m.tensor("score", [5]))
    attend(&m, attention)
  },
  Entrance("StateBridge") { m in
    var generator = m.generator()
    let encoder = LSTM(3, m.integer("encoder", 4), bidirectional: m.flag("both"), m.type, using: &generator)
    let decoder = GRU(3, m.integer("decoder", in: 3...5), layers: m.extent(1...2), m.type, using: &generator)
    var bridge = StateBridge(from: encoder, to: decoder, m.type, using: &generator)
    m.damage(&bridge)
    var state = encoder(Tensor.ones([2, 5, 3], m.type)).state
    m.damage(&state)
    m.mayStop()
    let made = bridge(state)
    m.note("\(made.cells.map(\.hidden.shape))")
  },
  decoder("TokenDecoder greedy") { m, decoder, first, state in
    let decoded = decoder.greedy(first, from: state, maximumLength: m.count("length", in: 1...6))
    m.note("\(decoded.lengths)")
  },
  decoder("TokenDecoder sampled") { m, decoder, first, state in
    var generator = m.generator()
    let count = m.chance(2) ? m.integer("count", in: 1...5) : nil
    let mass = m.chance(2) ? m.number("mass", in: 0.1...1) : nil
    let decoded = decoder.sampled(
      first, from: state, maximumLength: m.count("length", in: 1...6), temperature: m.number("temperature", in: 0.1...2),
      count: count, mass: mass, using: &generator)
    m.note("\(decoded.lengths)")
  },
  decoder("TokenDecoder beams") { m, decoder, first, state in
    let beams = decoder.beams(
      first, from: state, width: m.integer("width", in: 1...4), maximumLength: m.count("length", in: 1...6),
      lengthExponent: m.number("exponent", in: 0...1))
    m.note("\(beams.map(\.count))")
  },
  decoder("TokenDecoder training") { m, decoder, first, state in
    var generator = m.generator()
    let targets = m.indices("targets", [2, 4], below: 5)
    let run =
      switch m.extent(0...2) {
      case 0: decoder.teacherForced(targets, first: first, from: state)
      case 1: decoder.freeRunning(m.count("steps", in: 1...4), first: first, from: state)
      default:
        decoder.mixed(
          targets, first: first, from: state, ownProbability: m.number("probability", in: 0...1), using: &generator)
      }
    m.expect(run.logits.rank == 3, "logits of shape \(run.logits.shape)")
  },
]

private func attend(_ m: inout Mischief, _ attention: some Attention) {
  let states = m.tensor("states", [2, 5, 4])
  let lengths = m.chance(3) ? m.lengths("lengths", 2, in: 1...5) : nil
  let mask = lengths == nil && m.chance(3) ? m.mask("mask", [2, 5]) : nil
  if mask != nil { m.mayStop() }
  let queries = m.tensor("queries", m.flag("steps") ? [2, 6, 3] : [2, 3])
  m.differentiate([states, queries]) { x in
    let (context, weights) = attention(x[1], over: attention.memory(x[0], lengths: lengths, mask: mask))
    return [context, weights]
  }
}

private func decoder(
  _ name: String,
  _ act: @escaping @Sendable (inout Mischief, TokenDecoder<GRU.State>, Indices, GRU.State) -> Void
) -> Entrance {
  Entrance(name) { m in
    var generator = m.generator()
    let type = m.type
    var embedding = Embedding(5, 3, type, using: &generator)
    var gru = GRU(3, 4, type, using: &generator)
    var head = Linear(4, 5, type, using: &generator)
    m.damage(&embedding)
    m.damage(&gru)
    m.damage(&head)
    let (e, g, h) = (embedding, gru, head)
    let decoder = TokenDecoder(vocabulary: m.integer("vocabulary", 5), end: m.chance(2) ? m.integer("end", 1) : nil) {
      (ids: Indices, state: inout GRU.State) in h(g.next(e(ids), state: &state))
    }
    var state = gru.initialState(batch: m.integer("rows", 2), type)
    m.damage(&state)
    act(&m, decoder, m.indices("first", [2], below: 5), state)
  }
}
