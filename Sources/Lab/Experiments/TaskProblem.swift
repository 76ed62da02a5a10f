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
  /// The same measure of sequences as they are in training, where `measure` asks for longer ones; nil if there is no difference.
  var measureAsTrained: (@Sendable (_ answer: (TaskBatch<Targets>) -> Tensor, _ generator: inout Generator) -> Double)?
}

extension TaskProblem {
  /// Trains until the task is solved or the budget is used up; nil if it is stopped before.
  func train(
    _ network: TaskNetwork, _ plan: TrainingPlan, seed: Int, unless isStopped: () -> Bool
  ) -> TrainingOutcome? {
    var generator = Generator(seed: seed)
    func train<Model: TaskModel>(_ model: Model) -> TrainingOutcome? { self.train(model, plan, &generator, isStopped) }
    let model = network.model(inputs: inputs, outputs: outputs, readsLast: readsLast, using: &generator)
    return train(model)
  }

  private func train<Model: TaskModel>(
    _ model: Model, _ plan: TrainingPlan, _ generator: inout Generator, _ isStopped: () -> Bool
  ) -> TrainingOutcome? {
    switch plan.rule {
    case .adam: train(model, Adam(for: model, learningRate: plan.learningRate), plan, &generator, isStopped)
    case .descent: train(model, SGD(for: model, learningRate: plan.learningRate), plan, &generator, isStopped)
    }
  }

  private func train<Model: TaskModel, Rule: Optimizer>(
    _ start: Model, _ rule: Rule, _ plan: TrainingPlan, _ generator: inout Generator, _ isStopped: () -> Bool
  ) -> TrainingOutcome? where Rule.Model == Model {
    var (model, rule) = (start, rule)
    var (training, testing) = (generator.split(), generator.split())
    let begin = monotonicSeconds()
    func outcome(_ step: Int, _ metric: Double, isSolved: Bool = false) -> TrainingOutcome {
      let seconds = monotonicSeconds() - begin
      let trained = metric.isFinite ? measureAsTrained.map { $0({ model($0) }, &testing) } : nil
      return TrainingOutcome(isSolved: isSolved, steps: step, metric: metric, trained: trained, seconds: seconds)
    }
    var metric = Double.nan
    for step in 1...plan.steps {
      if isStopped() { return nil }
      let batch = draw(plan.batch, &training)
      let (loss, slope) = valueAndGradient(at: model) { self.loss($0(batch), batch) }
      // A diverged training does not recover, so that the rest of the budget would be wasted.
      if !loss.item.isFinite { return outcome(step, .nan) }
      rule.update(&model, along: plan.clip.map { slope.clipped(norm: $0) } ?? slope)
      if step % plan.interval > 0 && step < plan.steps { continue }
      metric = measure({ model($0) }, &testing)
      if isSolved(metric) { return outcome(step, metric, isSolved: true) }
    }
    return outcome(plan.steps, metric)
  }
}

/// The options of a training.
struct TrainingPlan: Sendable {
  enum Rule: Sendable { case adam, descent }

  var rule: Rule = .adam
  var learningRate: Double
  /// The clipping bound of the gradient's norm; nil for no clipping.
  var clip: Double? = 1
  var batch = 32
  /// The maximum number of updates.
  var steps: Int
  /// The number of updates between checks for a solution.
  var interval = 50

  /// All options except the learning rate, in words.
  var record: String {
    let bound = clip.map { "clipped at \($0)" } ?? "not clipped"
    return "\(rule), \(bound), \(batch) at a time, at most \(steps) updates, measured every \(interval)"
  }
}

/// The outcome of a training.
struct TrainingOutcome: Sendable {
  let isSolved: Bool
  let steps: Int
  let metric: Double
  /// The measure of sequences as they are in training, where the metric is that of longer ones.
  var trained: Double?
  let seconds: Double
}
