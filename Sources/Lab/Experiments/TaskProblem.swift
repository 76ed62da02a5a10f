internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollFiles
internal import UnrollNetworks
internal import UnrollTraining

/// A task as something to train: what is drawn, what is lost, and when it is solved.
struct TaskProblem<Targets: Sendable>: Sendable {
  let inputs: Int
  let outputs: Int
  /// Whether an answer is given after the last step alone.
  let readsLast: Bool
  let draw: @Sendable (_ count: Int, _ generator: inout Generator) -> TaskBatch<Targets>
  let loss: @Sendable (_ answers: Tensor, _ batch: TaskBatch<Targets>) -> Tensor
  /// How good answers are to examples that were never trained with.
  let measure: @Sendable (_ answer: (TaskBatch<Targets>) -> Tensor, _ generator: inout Generator) -> Double
  let isSolved: @Sendable (Double) -> Bool
  /// Whether of two measures the higher one is the better.
  let isHigherBetter: Bool
}

extension TaskProblem {
  /// Trains until the task is solved or the budget is used up; nil where it is stopped before.
  func train(
    _ network: TaskNetwork, _ plan: TrainingPlan, seed: Int, unless isStopped: () -> Bool
  ) -> TrainingOutcome? {
    var generator = Generator(seed: seed)
    switch network {
    case .lstm(let hidden, let forgetBias):
      return train(LSTM(inputs, hidden, forgetBias: forgetBias, using: &generator), plan, &generator, isStopped)
    case .chrono(let hidden, let longest):
      var lstm = LSTM(inputs, hidden, using: &generator)
      lstm.forward[0].bias = Initializer.chrono(longest: longest)([4 * hidden], using: &generator)
      return train(lstm, plan, &generator, isStopped)
    case .tanh(let hidden):
      return train(RNN(inputs, hidden, using: &generator), plan, &generator, isStopped)
    case .orthogonal(let hidden):
      return train(RNN(inputs, hidden, activation: .identity, using: &generator), plan, &generator, isStopped)
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
      // What has diverged does not come back; the rest of the budget would only be waited for.
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

/// What reads a task's sequences: one recurrent layer, whose hidden state a linear layer reads.
enum TaskNetwork: Sendable {
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

/// How a network is trained.
struct TrainingPlan: Sendable {
  enum Rule: Sendable { case adam, descent }

  var rule: Rule = .adam
  var learningRate: Double
  /// What part of the learning rate Adam takes for recurrent weights.
  var recurrentShare = 1.0
  /// The bound of the gradient's norm; nil leaves gradients as they are.
  var clip: Double? = 1
  var batch = 32
  /// The most updates.
  var steps: Int
  /// After how many updates each it is asked whether the task is solved.
  var interval = 50

  /// All of it but the learning rate, in words.
  var record: String {
    let share = recurrentShare == 1 ? "" : ", recurrent weights at \(recurrentShare) of the rate"
    let bound = clip.map { "clipped at \($0)" } ?? "not clipped"
    return "\(rule)\(share), \(bound), \(batch) at a time, at most \(steps) updates, measured every \(interval)"
  }
}

/// What a training came to.
struct TrainingOutcome: Sendable {
  let isSolved: Bool
  let steps: Int
  let metric: Double
  let seconds: Double
}
