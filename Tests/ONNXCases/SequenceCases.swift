import Unroll

extension CaseFolder {
  /// One cell in every direction, with and without lengths and states.
  mutating func addEverySequence<Cell: RecurrentCell>(_ name: String, make: (_ inputs: Int, _ hidden: Int) -> Cell) throws {
    let network = Recurrent(3, 4, make: make)
    try addSequences(name, network)
    var reversed = network
    reversed.isReversed = true
    try addSequences("\(name)-reversed", reversed)
    try addSequences("\(name)-bidirectional", Recurrent(3, 4, bidirectional: true, make: make))
    try addSequences("\(name)-stacked", Recurrent(3, [4, 6], bidirectional: true, make: make))
  }

  /// One network: plain, with lengths, with states in and out, and with both.
  mutating func addSequences<Cell: RecurrentCell>(_ name: String, _ network: Recurrent<Cell>) throws {
    let (x, y) = (random([2, 5, 3]), random([4, 9, 3]))
    let (lengths, others) = ([5, 2], [9, 1, 4, 8])
    // States as a network leaves them: not every state is one that a cell can have.
    let (state, other) = (network(random([2, 3, 3])).state, network(random([4, 3, 3])).state)
    try add(name, network, x, other: y) { model, x in Pair(model(x)) }
    try add("\(name)-lengths", network, x, lengths, other: (y, others)) { model, x, lengths in Pair(model(x, lengths: lengths))
    }
    try add("\(name)-states", network, x, state, other: (y, other)) { model, x, state in Pair(model(x, from: state)) }
    try add("\(name)-lengths-states", network, x, lengths, state, other: (y, others, other)) { model, x, lengths, state in
      Pair(model(x, from: state, lengths: lengths))
    }
  }

  mutating func addOperators() throws {
    var generator = generator
    try addEverySequence("lstm") { LSTMCell($0, $1, using: &generator) }
    try addEverySequence("gru") { GRUCell($0, $1, using: &generator) }
    try addEverySequence("rnn") { RNNCell($0, $1, using: &generator) }
    try addEverySequence("gru-reset-before") { GRUCell($0, $1, reset: .before, using: &generator) }
    try addEverySequence("peephole-lstm") { PeepholeLSTMCell($0, $1, using: &generator) }
    try addEverySequence("coupled-lstm") { CoupledLSTMCell($0, $1, peepholes: true, using: &generator) }
    try addEverySequence("lstm-without-bias") { LSTMCell($0, $1, bias: false, using: &generator) }
    let activations = [
      "relu": Activation.relu, "identity": .identity, "softsign": .softsign, "softplus": .softplus, "elu": .elu(alpha: 0.5),
      "leaky-relu": .leakyRelu(slope: 0.2), "scaled-tanh": .scaledTanh(outer: 1.2, inner: 0.7),
      "affine": .affine(slope: 0.5, offset: 0.1),
      "clipped": .tanh.clippingArguments(to: 0.3), "hard-sigmoid": .hardSigmoid(slope: 0.2),
    ]
    for (name, activation) in activations.sorted(by: { $0.key < $1.key }) {
      try addSequences("rnn-\(name)", RNN(3, 4) { RNNCell($0, $1, activation: activation, using: &generator) })
    }
    var functions = GateActivations(gate: .hardSigmoid(), candidate: .softsign, output: .identity)
    for name in ["lstm-activations", "lstm-activations-clipped"] {
      let make = { (inputs: Int, hidden: Int) in
        var cell = LSTMCell(inputs, hidden, using: &generator)
        cell.activations = functions
        return cell
      }
      try addSequences(name, LSTM(3, 4, bidirectional: true, make: make))
      functions = functions.clippingArguments(to: 0.5)
    }
    for merge: (String, LSTM.Merge) in [("sum", .sum), ("average", .average), ("multiply", .multiply)] {
      let network = LSTM(3, 4, bidirectional: true, merge: merge.1, using: &generator)
      try add("lstm-merge-\(merge.0)", network, random([2, 5, 3]), other: random([4, 9, 3])) { model, x in model(x).outputs }
    }
    let timeFirst = LSTM(3, 4, layers: 2, isTimeFirst: true, using: &generator)
    try add("lstm-time-first", timeFirst, random([5, 2, 3]), other: random([9, 4, 3]), isTimeFirst: true) { model, x in
      Pair(model(x))
    }
    let learning = LSTM(3, 4, bidirectional: true, using: &generator).learningInitialState()
    try add("lstm-learned-state", learning, random([2, 5, 3]), other: random([4, 9, 3])) { model, x in Pair(model(x)) }
    let lstm = LSTM(3, 4, using: &generator)
    try add("lstm-unbatched", lstm, random([5, 3]), other: random([9, 3])) { model, x in Pair(model(x)) }
    try add("lstm-trajectory", lstm, random([2, 5, 3]), other: random([4, 9, 3])) { model, x in Pair(model.trajectory(x)) }
    try add("gru-trajectory", GRU(3, 4, using: &generator), random([2, 5, 3]), other: random([4, 9, 3])) { model, x in
      Pair(model.trajectory(x))
    }
    try add("lstm-fixed-time", lstm, random([2, 5, 3]), other: random([4, 5, 3]), varying: [.batch]) { model, x in
      Pair(model(x))
    }
    self.generator = generator
  }

  mutating func addLoops() throws {
    var generator = generator
    try addEverySequence("layer-norm-lstm") { LayerNormLSTMCell($0, $1, using: &generator) }
    try addEverySequence("mgu") { MGUCell($0, $1, using: &generator) }
    try addSequences("layer-norm-gru", Recurrent(3, 4) { LayerNormGRUCell($0, $1, using: &generator) })
    try addSequences("layer-norm-rnn", Recurrent(3, 4) { LayerNormRNNCell($0, $1, using: &generator) })
    try addSequences("li-gru", Recurrent(3, 4) { LiGRUCell($0, $1, using: &generator) })
    try addSequences("janet", Recurrent(3, 4) { JANETCell($0, $1, using: &generator) })
    try addSequences("ind-rnn", Recurrent(3, 4) { IndRNNCell($0, $1, using: &generator) })
    try addSequences("projected-lstm", Recurrent(3, 4) { ProjectedLSTMCell($0, $1, memory: 6, using: &generator) })
    try addSequences("zoneout", LSTM(3, 4, using: &generator).modifyingCells { Zoneout($0, hidden: 0.1, memory: 0.3) })
    try addSequences("memory-clipped", LSTM(3, 4, using: &generator).modifyingCells { MemoryClipped($0, bound: 0.2) })
    try addSequences("weight-dropped", LSTM(3, 4, using: &generator).modifyingCells { WeightDropped($0, rate: 0.5) })
    try addSequences("orthogonal", LSTM(3, 4, using: &generator).modifyingCells { Orthogonal($0) })
    try addSequences("decaying", Recurrent(forward: [Decaying(GRUCell(2, 4, using: &generator))]))
    try addSequences("gate-norm-lstm", Recurrent(3, 4) { GateNormLSTMCell($0, $1, using: &generator) })
    try addSequences("antisymmetric", Recurrent(3, 4) { AntisymmetricRNNCell($0, $1, gated: true, using: &generator) })
    try addSequences("gru-d", Recurrent(3, 4) { GRUDCell($0, $1, using: &generator) })
    try addEverySequence("lru") { LRUCell($0, $1, memory: 6, using: &generator) }
    try addSequences("rglru", Recurrent(3, 4) { RGLRUCell($0, $1, heads: 2, using: &generator) })
    try addEverySequence("qrnn") { QRNNCell($0, $1, using: &generator) }
    try addEverySequence("slstm") { SLSTMCell($0, $1, heads: 2, using: &generator) }
    try addEverySequence("mlstm") { MLSTMCell($0, $1, heads: 2, using: &generator) }
    try addSequences("own-cell", Recurrent(forward: [HopCell(size: 3)]))
    try addSequences("min-gru", Recurrent(3, 4) { MinGRUCell($0, $1, using: &generator) })
    try addSequences("min-lstm", Recurrent(3, 4) { MinLSTMCell($0, $1, using: &generator) })
    try addSequences("sru", Recurrent(3, 4) { SRUCell($0, $1, using: &generator) })
    try addSequences("lem", Recurrent(3, 4) { LEMCell($0, $1, using: &generator) })
    try addSequences("co-rnn", Recurrent(3, 4) { CoRNNCell($0, $1, using: &generator) })
    try addSequences("cfc", Recurrent(3, 4) { CfCCell($0, $1, using: &generator) })
    self.generator = generator
  }
}

/// A cell of one's own, whose step is not done row by row and so has no program: it runs step by step here, and in a loop there.
struct HopCell: RecurrentCell {
  var weight: Tensor
  var hiddenSize: Int { weight.shape[0] }

  init(size: Int) { weight = Tensor.identity(size) }

  mutating func visit(_ visitor: Visitor) { visitor("weight", &weight) }
  func project(_ x: Tensor) -> Tensor { x.tanh() }
  func recur(_ hidden: Tensor) -> Tensor { hidden.matmul(weight) }
  func step(_ projected: Tensor, _ recurred: Tensor, _ state: HiddenState) -> HiddenState {
    HiddenState(hidden: projected + recurred.cumulativeSum(axis: 1) * 0.3 + state.hidden.flipped(1) * 0.2)
  }
}
