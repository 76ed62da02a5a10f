internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollNetworks

/// A network for a task.
enum TaskNetwork: Sendable {
  /// An LSTM with a number of units and a forget bias. A bias of 100 keeps the forget gates open, so that there are effectively
  /// none.
  case lstm(Int, forgetBias: Double)
  /// An LSTM whose initial biases suit a memory of up to `longest` steps.
  case chrono(Int, longest: Double)
  /// Elman's network with tanh and orthogonal recurrent weights.
  case tanh(Int)
  /// A linear recurrence whose weights are orthogonal and stay so. It keeps what it has read without loss or growth, and leaves
  /// the rest to the layer that reads it.
  case orthogonal(Int)
  /// A GRU in both directions, whose outputs of all steps one linear layer reads.
  case everyState(Int, steps: Int)
  /// Blocks that differ in their recurrence alone.
  case blocks(BlockDesign)

  /// The name in a table.
  var title: String {
    switch self {
    case .lstm(let hidden, _): "LSTM \(hidden)"
    case .chrono(let hidden, _): "chrono LSTM \(hidden)"
    case .tanh(let hidden): "tanh RNN \(hidden)"
    case .orthogonal(let hidden): "linear orthogonal RNN \(hidden)"
    case .everyState(let hidden, _): "GRU \(hidden), every output read"
    case .blocks(let design): "\(design.recurrence.rawValue) \(design.width)"
    }
  }

  /// The network with the weights that it draws.
  func model(inputs: Int, outputs: Int, readsLast: Bool, using generator: inout Generator) -> any TaskModel {
    func layer<Cell: RecurrentCell>(_ recurrent: Recurrent<Cell>) -> any TaskModel {
      let head = Linear(recurrent.outputSize, outputs, using: &generator)
      return LayerNetwork(recurrent: recurrent, head: head, reading: readsLast ? .last : .every)
    }
    switch self {
    case .lstm(let hidden, let forgetBias):
      return layer(LSTM(inputs, hidden) { LSTMCell($0, $1, forgetBias: forgetBias, using: &generator) })
    case .chrono(let hidden, let longest):
      var lstm = LSTM(inputs, hidden, using: &generator)
      lstm.forward[0].bias = Initializer.chrono(longest: longest)([4 * hidden], using: &generator)
      return layer(lstm)
    case .tanh(let hidden): return layer(RNN(inputs, hidden, using: &generator))
    case .orthogonal(let hidden):
      let rnn = RNN(inputs, hidden) { RNNCell($0, $1, activation: .identity, using: &generator) }
      return layer(rnn.modifyingCells { Orthogonal($0) })
    case .everyState(let hidden, let steps):
      let gru = GRU(inputs, hidden, bidirectional: true, using: &generator)
      let head = Linear(2 * hidden * steps, outputs, using: &generator)
      return LayerNetwork(recurrent: gru, head: head, reading: .all)
    case .blocks(let design): return design.model(inputs: inputs, outputs: outputs, using: &generator)
    }
  }
}

/// A network that answers a batch of a task.
protocol TaskModel: Module {
  /// The answers: `[batch, outputs]`, or `[batch, time, outputs]` if it answers after every step.
  func callAsFunction<Targets>(_ batch: TaskBatch<Targets>) -> Tensor
}

/// What is read of the outputs of a sequence.
enum Reading: Sendable {
  /// The output after each row's last step, `[batch, features]`.
  case last
  /// The output after every step, `[batch, time, features]`.
  case every
  /// The mean of the outputs that were seen, `[batch, features]`.
  case mean
  /// The outputs of all steps side by side, `[batch, time·features]`.
  case all
}

/// A recurrent layer and its linear readout.
struct LayerNetwork<Cell: RecurrentCell>: TaskModel {
  var recurrent: Recurrent<Cell>
  var head: Linear
  let reading: Reading

  mutating func visit(_ visitor: Visitor) {
    visitor("recurrent", &recurrent)
    visitor("head", &head)
  }

  func callAsFunction<Targets>(_ batch: TaskBatch<Targets>) -> Tensor {
    let (outputs, state) = batch.run(recurrent, on: batch.inputs)
    return head(reading == .last ? state.cells[0].hidden : batch.read(outputs, reading))
  }
}

extension TaskBatch {
  /// Runs a layer over sequences with the batch's lengths.
  func run<Cell: RecurrentCell>(
    _ recurrent: Recurrent<Cell>, on x: Tensor
  ) -> (outputs: Tensor, state: Recurrent<Cell>.State) {
    recurrent(x, lengths: seen == nil && isRagged ? lengths : nil, mask: seen)
  }

  /// What a readout sees of `[batch, time, features]`.
  func read(_ outputs: Tensor, _ reading: Reading) -> Tensor {
    switch reading {
    case .last, .every: return outputs
    case .all: return outputs.reshaped([outputs.shape[0], outputs.shape[1] * outputs.shape[2]])
    case .mean:
      guard seen != nil || isRagged else { return outputs.mean(axes: 1) }
      let counted = (seen ?? mask).cast(to: outputs.type)
      let shares = counted / counted.sum(axes: 1, keepingAxes: true).maximum(1)
      return (outputs * shares.expandingAxis(-1)).sum(axes: 1)
    }
  }

  private var isRagged: Bool { lengths.contains { $0 < inputs.shape[1] } }
}
