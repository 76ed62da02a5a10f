internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollFiles
internal import UnrollNetworks
internal import UnrollTraining

/// A task as a training problem: its examples, its loss, and the criterion for a solution.
struct TaskProblem<Targets: Sendable>: Sendable {
  let inputs: Int
  let outputs: Int
  /// Whether the network answers only after the last step.
  let readsLast: Bool
  let draw: @Sendable (_ count: Int, _ generator: inout Generator) -> TaskBatch<Targets>
  let loss: @Sendable (_ answers: Tensor, _ batch: TaskBatch<Targets>) -> Tensor
  /// The quality of answers to fresh examples.
  let measure: @Sendable (_ answer: (TaskBatch<Targets>) -> Tensor, _ generator: inout Generator) -> Double
  let isSolved: @Sendable (Double) -> Bool
  /// Whether a higher measure is better.
  let isHigherBetter: Bool
}

extension TaskProblem {
  /// Trains until the task is solved or the budget is used up; nil if it is stopped before.
  func train(
    _ network: TaskNetwork, _ plan: TrainingPlan, seed: Int, unless isStopped: () -> Bool
  ) -> TrainingOutcome? {
    var generator = Generator(seed: seed)
    switch network {
    case .lstm(let hidden, let forgetBias):
      let lstm = LSTM(inputs, hidden) { LSTMCell($0, $1, forgetBias: forgetBias, using: &generator) }
      return train(lstm, plan, &generator, isStopped)
    case .chrono(let hidden, let longest):
      var lstm = LSTM(inputs, hidden, using: &generator)
      lstm.forward[0].bias = Initializer.chrono(longest: longest)([4 * hidden], using: &generator)
      return train(lstm, plan, &generator, isStopped)
    case .tanh(let hidden):
      return train(RNN(inputs, hidden, using: &generator), plan, &generator, isStopped)
    case .orthogonal(let hidden):
      let rnn = RNN(inputs, hidden) { RNNCell($0, $1, activation: .identity, using: &generator) }
      return train(rnn, plan, &generator, isStopped)
    }
  }

  private func train<Cell: RecurrentCell>(
    _ recurrent: Recurrent<Cell>, _ plan: TrainingPlan, _ generator: inout Generator, _ isStopped: () -> Bool
  ) -> TrainingOutcome? {
    let head = Linear(recurrent.forward[0].hiddenSize, outputs, using: &generator)
    let model = TaskModel(recurrent: recurrent, head: head, readsLast: readsLast)
    return switch plan.rule {
    case .adam:
      train(
        model,
        ParameterGroups([
          ParameterGroup(Adam(for: model, learningRate: plan.learningRate)) { !$0.hasSuffix("recurrentWeight") },
          ParameterGroup(Adam(for: model, learningRate: plan.recurrentShare * plan.learningRate)),
        ]), plan, &generator, isStopped)
    case .descent: train(model, SGD(for: model, learningRate: plan.learningRate), plan, &generator, isStopped)
    }
  }

  private func train<Cell: RecurrentCell, Rule: Optimizer>(
    _ start: TaskModel<Cell>, _ rule: Rule, _ plan: TrainingPlan, _ generator: inout Generator, _ isStopped: () -> Bool
  ) -> TrainingOutcome? where Rule.Model == TaskModel<Cell> {
    var (model, rule) = (start, rule)
    var (training, testing) = (generator.split(), generator.split())
    var metric = Double.nan
    let begin = monotonicSeconds()
    for step in 1...plan.steps {
      if isStopped() { return nil }
      let batch = draw(plan.batch, &training)
      let (loss, slope) = valueAndGradient(at: model) { self.loss($0(batch), batch) }
      // A diverged training does not recover, so that the rest of the budget would be wasted.
      if !loss.item.isFinite {
        return TrainingOutcome(isSolved: false, steps: step, metric: .nan, seconds: monotonicSeconds() - begin)
      }
      rule.update(&model, along: plan.clip.map { slope.clipped(norm: $0) } ?? slope)
      if step % plan.interval > 0 && step < plan.steps { continue }
      metric = measure({ model($0) }, &testing)
      if isSolved(metric) {
        return TrainingOutcome(isSolved: true, steps: step, metric: metric, seconds: monotonicSeconds() - begin)
      }
    }
    return TrainingOutcome(isSolved: false, steps: plan.steps, metric: metric, seconds: monotonicSeconds() - begin)
  }
}

/// A network for a task: one recurrent layer, whose hidden state a linear layer reads.
enum TaskNetwork: Sendable {
  /// An LSTM with a number of units and a forget bias. A bias of 100 keeps the forget gates open, so that there are effectively
  /// none.
  case lstm(Int, forgetBias: Double)
  /// An LSTM whose initial biases suit a memory of up to `longest` steps.
  case chrono(Int, longest: Double)
  /// Elman's network with tanh and orthogonal recurrent weights.
  case tanh(Int)
  /// A linear recurrence with orthogonal weights. It keeps what it has read without loss or growth, and leaves the rest to the
  /// layer that reads it.
  case orthogonal(Int)

  /// The name in a table.
  var title: String {
    switch self {
    case .lstm(let hidden, _): "LSTM \(hidden)"
    case .chrono(let hidden, _): "chrono LSTM \(hidden)"
    case .tanh(let hidden): "tanh RNN \(hidden)"
    case .orthogonal(let hidden): "linear orthogonal RNN \(hidden)"
    }
  }
}

/// A recurrent layer and its linear readout.
struct TaskModel<Cell: RecurrentCell>: Module {
  var recurrent: Recurrent<Cell>
  var head: Linear
  /// Whether the network answers only after the last step.
  let readsLast: Bool

  mutating func visit(_ visitor: Visitor) {
    visitor("recurrent", &recurrent)
    visitor("head", &head)
  }

  /// The answers: `[batch, outputs]` after the last step, or `[batch, time, outputs]`.
  func callAsFunction<Targets>(_ batch: TaskBatch<Targets>) -> Tensor {
    let steps = batch.inputs.shape[1]
    let isRagged = batch.lengths.contains { $0 < steps }
    let (outputs, state) = recurrent(batch.inputs, lengths: isRagged ? batch.lengths : nil)
    return head(readsLast ? state.cells[0].hidden : outputs)
  }
}

/// The options of a training.
struct TrainingPlan: Sendable {
  enum Rule: Sendable { case adam, descent }

  var rule: Rule = .adam
  var learningRate: Double
  /// The fraction of the learning rate that Adam uses for recurrent weights.
  var recurrentShare = 1.0
  /// The clipping bound of the gradient's norm; nil for no clipping.
  var clip: Double? = 1
  var batch = 32
  /// The maximum number of updates.
  var steps: Int
  /// The number of updates between checks for a solution.
  var interval = 50

  /// All options except the learning rate, in words.
  var record: String {
    let share = recurrentShare == 1 ? "" : ", recurrent weights at \(recurrentShare) of the rate"
    let bound = clip.map { "clipped at \($0)" } ?? "not clipped"
    return "\(rule)\(share), \(bound), \(batch) at a time, at most \(steps) updates, measured every \(interval)"
  }
}

/// The outcome of a training.
struct TrainingOutcome: Sendable {
  let isSolved: Bool
  let steps: Int
  let metric: Double
  let seconds: Double
}
