internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollNetworks

/// What reads a task's sequences: one recurrent layer, whose hidden state a linear layer reads.
enum TaskNetwork: Sendable, Hashable {
  /// An LSTM of so many units and that forget bias. One of 100 makes forget gates that are open for ever: none, in effect.
  case lstm(Int, forgetBias: Double)
  /// An LSTM whose biases begin as those of a memory of up to so many steps.
  case chrono(Int, longest: Double)
  /// Elman's network with tanh and orthogonal recurrent weights.
  case tanh(Int)
  /// A linear recurrence with orthogonal weights: it neither loses nor blows up what it has read, and all else is for the layer that
  /// reads it.
  case orthogonal(Int)

  /// What a table calls it.
  var title: String {
    switch self {
    case .lstm(let hidden, _): "LSTM \(hidden)"
    case .chrono(let hidden, _): "chrono LSTM \(hidden)"
    case .tanh(let hidden): "tanh RNN \(hidden)"
    case .orthogonal(let hidden): "linear orthogonal RNN \(hidden)"
    }
  }
}

/// A recurrent layer and what reads it.
struct TaskModel<Cell: RecurrentCell>: Module {
  var recurrent: Recurrent<Cell>
  var head: Linear
  /// Whether an answer is given after the last step alone.
  let readsLast: Bool

  mutating func visit(_ visitor: Visitor) {
    visitor("recurrent", &recurrent)
    visitor("head", &head)
  }

  /// `[batch, outputs]` after the last step, or `[batch, time, outputs]`.
  func callAsFunction<Targets>(_ batch: TaskBatch<Targets>) -> Tensor {
    let steps = batch.inputs.shape[1]
    let isRagged = batch.lengths.contains { $0 < steps }
    let (outputs, state) = recurrent(batch.inputs, lengths: isRagged ? batch.lengths : nil)
    return head(readsLast ? state.cells[0].hidden : outputs)
  }
}
