import Unroll

extension CaseFolder {
  /// Functions of one tensor, `[batch, time, 4]`.
  mutating func addFunctions() throws {
    let functions: [(name: String, of: @Sendable (Tensor) -> Tensor)] = [
      ("negate", { -$0 }), ("magnitude", { $0.magnitude() }), ("sign", { $0.sign() }), ("square", { $0.square() }),
      ("square-root", { $0.magnitude().squareRoot() }), ("reciprocal", { ($0.square() + 1).reciprocal() }),
      ("reciprocal-square-root", { ($0.square() + 1).reciprocalSquareRoot() }), ("exp", { $0.exp() }), ("exp2", { $0.exp2() }),
      ("exp-minus-one", { $0.expMinusOne() }), ("exp-minus-one-small", { ($0 * 1e-4).expMinusOne() * 1e4 }),
      ("log", { ($0.square() + 0.1).log() }), ("log2", { ($0.square() + 0.1).log2() }),
      ("log-one-plus", { $0.square().logOnePlus() }),
      ("sin", { $0.sin() }), ("cos", { $0.cos() }), ("tan", { ($0 * 0.3).tan() }), ("arcsin", { $0.tanh().arcsin() }),
      ("arccos", { $0.tanh().arccos() }), ("arctan", { $0.arctan() }), ("sinh", { $0.sinh() }), ("cosh", { $0.cosh() }),
      ("tanh", { $0.tanh() }), ("arsinh", { $0.arsinh() }), ("arcosh", { ($0.square() + 1.1).arcosh() }),
      ("artanh", { ($0.tanh() * 0.9).artanh() }), ("erf", { $0.erf() }), ("erfc", { $0.erfc() }), ("sigmoid", { $0.sigmoid() }),
      ("log-sigmoid", { $0.logSigmoid() }), ("softplus", { $0.softplus() }), ("softplus-scaled", { $0.softplus(beta: 2) }),
      ("relu", { $0.relu() }), ("leaky-relu", { $0.leakyRelu(slope: 0.2) }), ("elu", { $0.elu(alpha: 0.7) }),
      ("selu", { $0.selu() }),
      ("gelu", { $0.gelu() }), ("gelu-by-tanh", { $0.geluByTanh() }), ("silu", { $0.silu() }), ("mish", { $0.mish() }),
      ("softsign", { $0.softsign() }), ("hard-sigmoid", { $0.hardSigmoid() }), ("hard-tanh", { $0.hardTanh() }),
      ("clipped-above", { $0.clipped(maximum: 0.5) }), ("clipped-below", { $0.clipped(minimum: -0.5) }),
      ("floor", { $0.floor() }),
      ("ceiling", { $0.ceiling() }), ("rounded", { $0.rounded() }), ("truncated", { ($0 * 3).truncated() }),
      ("add-number", { 2 + $0 }), ("subtract-number", { 1 - $0 }), ("multiply-number", { $0 * 3 }),
      ("divide-number", { $0 / 3 }),
      ("number-divided", { 2 / ($0.square() + 1) }), ("pow", { ($0.square() + 0.5).pow(1.5) }), ("pow-2", { $0.pow(2) }),
      ("cast", { $0.cast(to: .float64).exp().cast(to: .float32) }), ("detached", { $0.detached().tanh() }),
      ("softmax", { $0.softmax() }), ("softmax-time", { $0.softmax(axis: 1) }), ("log-softmax", { $0.logSoftmax(axis: -2) }),
      ("cumulative-sum", { $0.cumulativeSum(axis: 1) }),
      ("cumulative-sum-reversed", { $0.cumulativeSum(axis: -1, reversed: true) }),
      ("standard-deviation", { $0.standardDeviation(axes: 1) }), ("checkpointed", { checkpointed($0) { x in x.tanh() * 2 } }),
      ("gradient", { x in gradient(at: x) { x in x.tanh().square().sum() } }),
    ]
    try addEach("function", functions)
  }

  /// Shapes and reductions.
  mutating func addShapes() throws {
    let functions: [(name: String, of: @Sendable (Tensor) -> Tensor)] = [
      ("sum", { $0.sum() }), ("sum-time", { $0.sum(axes: 1) }), ("sum-kept", { $0.sum(axes: 0, 2, keepingAxes: true) }),
      ("mean", { $0.mean(axes: -1) }), ("mean-all", { $0.mean() }), ("mean-of-squares", { $0.meanOfSquares() }),
      ("max", { $0.max(axes: 1) }), ("min", { $0.min(axes: -1, keepingAxes: true) }), ("norm", { $0.norm(axes: 1) }),
      ("norm-one", { $0.norm(order: .one, axes: 2) }), ("log-sum-exp", { $0.logSumExp(axes: 1, 2) }),
      ("mean-by-count", { $0.sum(axes: 1) / Double($0.shape[1]) }),
      ("mean-by-share", { $0.sum(axes: 1) * (1 / Double($0.shape[1])) }),
      ("flattened", { $0.reshaped([$0.shape[0], $0.shape[1] * 4]).reshaped([$0.shape[0], -1, 2]) }),
      ("rows", { $0.reshaped([$0.shape[0] * $0.shape[1], 4]) }), ("pairs", { $0.reshaped([$0.shape[0], $0.shape[1], 2, 2]) }),
      ("all-in-one", { $0.reshaped([-1]) }),
      (
        "heads",
        { x in
          let heads = x.reshaped([x.shape[0], x.shape[1], 2, 2]).permuted([0, 2, 1, 3])
          return heads.matmul(heads.transposed(-2, -1)).softmax().matmul(heads).permuted([0, 2, 1, 3]).reshaped(x.shape)
        }
      ),
      ("transposed", { $0.transposed() }), ("first", { $0[.all, 0] }), ("last", { $0[.all, -1] }),
      ("last-by-extent", { $0[.all, $0.shape[1] - 1] }),
      ("without-first", { $0[.all, 1...] }), ("without-last", { $0[.all, ..<($0.shape[1] - 1)] }),
      ("middle", { $0[.all, .all, 1...2] }),
      ("every-second", { $0[.all, .every(2)] }), ("backward", { $0[.all, .every(-1)] }), ("flipped", { $0.flipped(1, 2) }),
      ("new-axes", { $0[.new, .all, 0, .new] }), ("rest", { $0[.rest, 2] }),
      (
        "halves",
        { x in
          let parts = x.chunks(2, axis: -1)
          return parts[0] * parts[1].sigmoid()
        }
      ),
      ("rolled", { $0.rolled(1, axis: 2) }),
      (
        "shifted",
        { x in
          Tensor.concatenate([Tensor.zeros([x.shape[0], 1, 4]), x[.all, ..<(x.shape[1] - 1)]], axis: 1)
        }
      ),
      ("padded", { $0.padded([(0, 0), (2, 1), (0, 1)], with: 0.5) }), ("stacked", { Tensor.stack([$0, -$0], axis: 1) }),
      ("tiled", { $0.tiled([1, 2, 3]) }), ("repeated", { $0.repeated(2, axis: 1) }),
      ("expanded", { $0.expandingAxis(1).squeezingAxis(1).tanh() }),
      ("broadcast", { $0.mean(axes: 1, keepingAxes: true).broadcast(to: $0.shape) }),
      ("positions", { $0 + Tensor.range($0.shape[1]).reshaped([1, -1, 1]) * 0.1 }),
      (
        "gathered-elements",
        { $0.gathered(elements: Indices([0, 2], shape: [1, 1, 2]).broadcast(to: [$0.shape[0], $0.shape[1], 2]), axis: 2) }
      ),
      ("gathered-positions", { $0.gathered(positions: [3, 0, 0], axis: 2) }),
      ("select-constant", { Tensor.select([true, false, true, true], $0, $0 * 2) }),
      ("maximum", { $0.maximum($0.flipped(2)) }), ("minimum", { $0.minimum(0.3) }),
      ("power-of-two", { ($0.square() + 1).pow($0) }),
      ("division", { $0 / ($0.square() + 1) }), ("difference", { $0 - $0.mean(axes: 1, keepingAxes: true) }),
      ("einsum", { Tensor.einsum("btf,bsf->bts", $0, $0) }), ("outer-products", { $0.matmul($0.transposed(1, 2)) }),
      ("triangle", { $0.matmul(Tensor.identity(4).lowerTriangle() + Tensor.ones([4, 4]).upperTriangle()) }),
      ("recurrence", { Tensor.linearRecurrence(Tensor.full([4], 0.9), $0.transposed(0, 1)) }),
      (
        "recurrence-reversed",
        { x in
          let x = x.transposed(0, 1)
          return Tensor.linearRecurrence(x.sigmoid(), x, from: Tensor.ones([x.shape[1], 4]), isReversed: true)
        }
      ),
      ("recurrence-complex", { Tensor.linearRecurrence($0.sigmoid().transposed(0, 1), $0.transposed(0, 1), isComplex: true) }),
      ("constant", { _ in Tensor([1, 2] as [Float]) }), ("same", { $0 }),
    ]
    try addEach("shape", functions)
  }

  private mutating func addEach(_ group: String, _ functions: [(name: String, of: @Sendable (Tensor) -> Tensor)]) throws {
    for (name, function) in functions {
      try add("\(group)-\(name)", Dropout(0), random([2, 5, 4]), other: random([3, 9, 4])) { _, x in function(x) }
    }
  }

  /// Layers of several inputs, attention, and models as users write them.
  mutating func addModels() throws {
    var generator = generator
    let (x, y) = (random([2, 5, 3]), random([4, 9, 3]))
    let additive = AdditiveAttention(queries: 6, features: 3, units: 8, using: &generator)
    try add("attention-additive", additive, x, random([2, 6]), other: (y, random([4, 6]))) { model, states, query in
      model(query, over: model.memory(states)).context
    }
    try add("attention-lengths", additive, x, [5, 2], random([2, 3, 6]), other: (y, [9, 1, 4, 8], random([4, 6, 6]))) {
      model, states, lengths, queries in Pair(model(queries, over: model.memory(states, lengths: lengths)))
    }
    let dot = DotAttention(queries: 6, features: 3, isScaled: true, using: &generator)
    try add("attention-dot", dot, x, [5, 2], random([2, 6]), other: (y, [9, 1, 4, 8], random([4, 6]))) {
      model, states, lengths, query in Pair(model(query, over: model.memory(states, lengths: lengths)))
    }
    // A decoder's step: the states that it attends to are an input, as is what counts of them.
    let translator = Translator(using: &generator)
    let (first, second) = (
      translator.read(Indices([3, 1, 2, 5, 4, 0], shape: [2, 3]), [3, 2]),
      translator.read(Indices((0..<28).map { $0 % 6 }, shape: [4, 7]), [7, 1, 3, 6])
    )
    try add("decoder-step", translator, [2, 5] as Indices, first, other: ([0, 1, 3, 2], second)) { model, ids, state in
      var state = state
      let hidden = model.decoder.next(model.symbols(ids), state: &state.recurrent)
      return Pair((model.head(model.attention(hidden, over: state.memory).context), state))
    }
    let table = Embedding(40, 3, using: &generator)
    try add("position-table", table, x, other: y) { model, x in x + model.table[..<x.shape[1]] }
    let (ids, more) = (Indices([3, 1, 2, 5, 4, 0, 3, 2], shape: [2, 4]), Indices((0..<28).map { $0 % 6 }, shape: [4, 7]))
    let character = Character(letters: 6, using: &generator)
    let (state, other) = (character.lstm.initialState(batch: 2), character.lstm.initialState(batch: 4))
    try add("character", character, ids, state, other: (more, other)) { model, ids, state in Pair(model(ids, from: state)) }
    try add("character-step", character, ids[.all, 0], state, other: (more[.all, 0], other)) { model, ids, state in
      var state = state
      let logits = model.head(model.lstm.next(model.embedding(ids), state: &state))
      return Pair((logits, state))
    }
    let float64 = Linear(3, 4, .float64, using: &generator)
    try add("float64", float64, x.cast(to: .float64), other: y.cast(to: .float64)) { model, x in model(x).tanh() }
    let two = [GRU(3, 4, using: &generator), GRU(3, 4, using: &generator)]
    try add("two-networks", Both(networks: two), x, other: y) { model, x in
      model.networks[0](x).outputs + model.networks[1](x).outputs
    }
    try add("means-of-lengths", two[0], x, [5, 2], other: (y, [9, 1, 4, 8])) { model, x, lengths in
      // The mean of each row's own steps.
      let counts = Tensor(lengths.map(Double.init), shape: [lengths.count, 1]).cast(to: .float32)
      return model(x, lengths: lengths).outputs.sum(axes: 1) / counts
    }
    self.generator = generator
  }
}

/// The README's model.
struct Character: Module {
  var embedding: Embedding, lstm: LSTM, head: Linear

  init(letters: Int, using generator: inout Generator) {
    embedding = Embedding(letters, 5, using: &generator)
    lstm = LSTM(5, 8, layers: 2, using: &generator)
    head = Linear(8, letters, using: &generator)
  }

  mutating func visit(_ visitor: Visitor) {
    visitor("embedding", &embedding)
    visitor("lstm", &lstm)
    visitor("head", &head)
  }

  func callAsFunction(_ ids: Indices, from state: LSTM.State?) -> (logits: Tensor, state: LSTM.State) {
    let (outputs, state) = lstm(embedding(ids), from: state)
    return (head(outputs), state)
  }
}

/// An encoder, and a decoder that attends to it.
struct Translator: Module {
  var symbols: Embedding, encoder: GRU, decoder: GRU, attention: DotAttention, head: Linear

  init(using generator: inout Generator) {
    symbols = Embedding(6, 5, using: &generator)
    encoder = GRU(5, 8, using: &generator)
    decoder = GRU(5, 8, using: &generator)
    attention = DotAttention(queries: 8, features: 8, using: &generator)
    head = Linear(8, 6, using: &generator)
  }

  mutating func visit(_ visitor: Visitor) {
    visitor("symbols", &symbols)
    visitor("encoder", &encoder)
    visitor("decoder", &decoder)
    visitor("attention", &attention)
    visitor("head", &head)
  }

  func read(_ ids: Indices, _ lengths: [Int]) -> AttendingState<GRU.State> {
    let (states, last) = encoder(symbols(ids), lengths: lengths)
    return AttendingState(recurrent: last, memory: attention.memory(states, lengths: lengths))
  }
}

struct Both: Module {
  var networks: [GRU]

  mutating func visit(_ visitor: Visitor) { visitor("networks", &networks) }
}
