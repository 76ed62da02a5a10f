internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollNetworks

/// A network of blocks in which all is the same but the recurrence.
struct BlockDesign: Sendable {
  /// The recurrences.
  enum Recurrence: String, Sendable {
    case lstm = "LSTM"
    case slstm = "sLSTM"
    case gru = "GRU"
    case minGRU
    case rglru = "RG-LRU"
    case lru = "LRU"
    case orthogonal = "orthogonal RNN"
  }

  let recurrence: Recurrence
  /// The number of features of everything in the network.
  let width: Int
  /// The number of blocks.
  let blocks: Int
  /// Whether the recurrences run in both directions.
  var isBidirectional = false
  let reading: Reading

  /// The network with the weights that it draws.
  func model(inputs: Int, outputs: Int, using generator: inout Generator) -> any TaskModel {
    func network<Cell: RecurrentCell>(_ make: (Int, Int, inout Generator) -> Cell) -> any TaskModel {
      BlockNetwork(
        input: Linear(inputs, width, using: &generator),
        blocks: (0..<blocks).map { _ in
          let layer = Recurrent(width, [width], bidirectional: isBidirectional) { make($0, $1, &generator) }
          return GatedBlock(
            norm: LayerNorm(width), recurrent: layer, gate: Linear(layer.outputSize, 2 * width, using: &generator))
        }, head: Linear(width, outputs, using: &generator), reading: reading)
    }
    switch recurrence {
    case .lstm: return network { LSTMCell($0, $1, forgetBias: 1, using: &$2) }
    case .slstm: return network { SLSTMCell($0, $1, using: &$2) }
    case .gru: return network { GRUCell($0, $1, using: &$2) }
    case .minGRU: return network { MinGRUCell($0, $1, using: &$2) }
    case .rglru: return network { RGLRUCell($0, $1, using: &$2) }
    case .lru: return network { LRUCell($0, $1, radii: 0.9..<0.999, using: &$2) }
    case .orthogonal: return network { Orthogonal(RNNCell($0, $1, using: &$2)) }
    }
  }
}

/// A layer over the symbols, blocks, and a linear readout.
struct BlockNetwork<Cell: RecurrentCell>: TaskModel {
  var input: Linear
  var blocks: [GatedBlock<Cell>]
  var head: Linear
  let reading: Reading

  mutating func visit(_ visitor: Visitor) {
    visitor("input", &input)
    visitor("blocks", &blocks)
    visitor("head", &head)
  }

  func callAsFunction<Targets>(_ batch: TaskBatch<Targets>) -> Tensor {
    head(batch.read(blocks.reduce(input(batch.inputs)) { $1($0, of: batch) }, reading))
  }
}

/// A recurrence between a normalisation and a gated linear layer, and a way past them: y = x + a σ(b), with [a, b] = h·W + c and h
/// the outputs of the recurrence on LN(x). What is not linear in it lets stacked linear recurrences do what one cannot.
struct GatedBlock<Cell: RecurrentCell>: Module {
  var norm: LayerNorm
  var recurrent: Recurrent<Cell>
  var gate: Linear

  mutating func visit(_ visitor: Visitor) {
    visitor("norm", &norm)
    visitor("recurrent", &recurrent)
    visitor("gate", &gate)
  }

  func callAsFunction<Targets>(_ x: Tensor, of batch: TaskBatch<Targets>) -> Tensor {
    let parts = gate(batch.run(recurrent, on: norm(x)).outputs).chunks(2, axis: -1)
    return x + parts[0] * parts[1].sigmoid()
  }
}
