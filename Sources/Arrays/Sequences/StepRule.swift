internal import UnrollKernelTemplates

/// The elementwise part of a recurrent step, and how the blocks of its gates lie side by side.
package enum StepRule: Sendable {
  case lstm
  case peepholeLSTM
  case layerNormLSTM
  case gru
  case tanh
  case sigmoid
  case relu
  case identity

  /// How many blocks of `hidden` features a row of gates has.
  var blocks: Int {
    switch self {
    case .layerNormLSTM: 12
    case .lstm, .peepholeLSTM, .gru: 4
    case .tanh, .sigmoid, .relu, .identity: 1
    }
  }

  /// The blocks that the input contributes to. A GRU's are u, r, z, n: the hidden state's part of the candidate has a block of its own.
  /// Where both parts are normalised, they have four each before those of the gates.
  var projected: Range<Int> {
    switch self {
    case .gru: 1..<4
    case .layerNormLSTM: 4..<8
    default: 0..<blocks
    }
  }

  /// The blocks that the hidden state contributes to.
  var recurred: Range<Int> {
    switch self {
    case .gru: 0..<3
    case .layerNormLSTM: 0..<4
    default: 0..<blocks
    }
  }

  /// The elements from one row of gates to the next: its blocks, of a normalised step the moments of what it normalised, and some room.
  func width(_ size: Int) -> Int {
    blocks == 1 ? size : spreadWidth(blocks * size + (self == .layerNormLSTM ? 16 : 0))
  }

  /// Where the gates begin among the blocks.
  var firstGate: Int { self == .layerNormLSTM ? 8 : 0 }

  /// How many blocks a row of cotangents has: what is normalised for the gates has none of them in the end.
  var cotangentBlocks: Int { self == .layerNormLSTM ? 8 : blocks }

  /// Whether blocks that the hidden state contributes to hold something before.
  var beginsFromBlocks: Bool { self != .layerNormLSTM }

  /// How many rows of `hidden` numbers the weights of the elementwise part have that the way back adds up by itself.
  var addedRows: Int { self == .layerNormLSTM ? 14 : 0 }

  /// The rows of a batch whose parts of them are added up in one place, by one thread.
  static let rowsAdded = 8

  /// Whether there is a memory behind the output.
  package var hasCell: Bool { self == .lstm || self == .peepholeLSTM || self == .layerNormLSTM }

  /// Whether a state reaches the next one by another way than the gates.
  var passesState: Bool { self == .gru }

  /// Whether the way back needs the gates.
  package var keepsGates: Bool { blocks > 1 }

  func kernels(_ gates: GateKernels) -> StepKernels {
    switch self {
    case .lstm: gates.lstm
    case .peepholeLSTM: gates.peepholeLSTM
    case .layerNormLSTM: gates.layerNormLSTM
    case .gru: gates.gru
    case .tanh: gates.tanh
    case .sigmoid: gates.sigmoid
    case .relu: gates.relu
    case .identity: gates.identity
    }
  }
}

/// The width of rows that hold so many elements, begin with a line of the cache, and do not lie a multiple of 1 KB apart, where
/// neighbours would meet in few of the cache's places.
func spreadWidth(_ count: Int) -> Int {
  let line = 16
  let whole = ((count - 1) / line + 1) * line
  return whole % (16 * line) == 0 ? whole + line : whole
}

/// The weights of a cell whose steps are fused.
package struct StepWeights: Sendable {
  /// `[inputs, gates·hidden]`.
  let input: NDArray
  /// `[hidden, gates·hidden]`.
  let recurrent: NDArray
  /// `[gates·hidden]`.
  let bias: NDArray?
  /// The peepholes of an LSTM, `[3, hidden]`, a GRU's bias inside the reset gate, `[hidden]`, or the factors of a normalised step's
  /// LN(h·U), 4·hidden, the factors and shifts of its LN(c), hidden each, those of its LN(x·W), 4·hidden each, and their ε.
  let extra: NDArray?

  package init(input: NDArray, recurrent: NDArray, bias: NDArray?, extra: NDArray?) {
    self.input = input
    self.recurrent = recurrent
    self.bias = bias?.contiguous()
    self.extra = extra?.contiguous()
  }

  package var hasBias: Bool { bias != nil }
  package var hasExtra: Bool { extra != nil }

  /// The recurrent weights with columns as the blocks of gates lie: a GRU's candidate comes first.
  func recurrentBlocks(_ rule: StepRule) -> NDArray {
    guard rule == .gru else { return recurrent }
    let hidden = recurrent.shape[0]
    return NDArray.concatenate([recurrent[.all, (2 * hidden)...], recurrent[.all, ..<(2 * hidden)]], axis: 1)
  }

  /// Undoes `recurrentBlocks`.
  static func weights(ofBlocks blocks: NDArray, _ rule: StepRule) -> NDArray {
    guard rule == .gru else { return blocks }
    let hidden = blocks.shape[0]
    return NDArray.concatenate([blocks[.all, hidden...], blocks[.all, ..<hidden]], axis: 1)
  }
}
