internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollFiles
internal import UnrollNetworks
internal import UnrollTraining

/// A delay longer than the windows of truncated backpropagation, and ways to learn across it that never go back so far.
extension Experiment {
  /// Recall over a delay, with gradients of the same small LSTM by each way. An update sees the same sequences in all.
  static var delay: Experiment {
    let (task, hidden) = (RecallTask(delay: 30), 8)
    let plan = TrainingPlan(learningRate: 1e-2, batch: 8, steps: 1000)
    func contestant(_ name: String, _ way: GradientWay) -> Contestant {
      Contestant(name: name, settings: "LSTM \(hidden), forget bias 1, \(way)", plans: [plan]) { plan, seed, isStopped in
        DelayTraining(task: task, hidden: hidden, way: way).train(plan, seed: seed, unless: isStopped)
      }
    }
    return Experiment(
      name: "recall after \(task.delay) steps", goal: "500 of 500 fresh signs right", baseline: "\(RecallTask.baseline)",
      isHigherBetter: true,
      contestants: [
        contestant("full backpropagation", .windows(task.delay + 1)), contestant("windows of 10", .windows(10)),
        contestant("random windows, mean 10 (ARTBP)", .randomWindows(mean: 10)), contestant("RTRL", .learner(.rtrl)),
        contestant("SnAp-1", .learner(.snap1)), contestant("e-prop", .learner(.eprop)), contestant("UORO", .rankOne),
      ])
  }
}

/// A way to the gradient of a sequence.
enum GradientWay: Sendable {
  case windows(Int)
  case randomWindows(mean: Int)
  case learner(Influence)
  case rankOne
}

/// A small LSTM that learns to recall, with a linear layer that reads its last output.
struct DelayTraining: Sendable {
  struct Model: Module {
    var cell: LSTMCell
    var head: Linear

    mutating func visit(_ visitor: Visitor) {
      visitor("cell", &cell)
      visitor("head", &head)
    }
  }

  let task: RecallTask
  let hidden: Int
  let way: GradientWay

  /// Trains until the task is solved or the budget is used up; nil if it is stopped before.
  func train(_ plan: TrainingPlan, seed: Int, unless isStopped: () -> Bool) -> TrainingOutcome? {
    var generator = Generator(seed: seed)
    var model = Model(cell: LSTMCell(2, hidden, using: &generator), head: Linear(hidden, 2, using: &generator))
    var optimizer = Adam(for: model, learningRate: plan.learningRate)
    var (training, testing, draws) = (generator.split(), generator.split(), generator.split())
    var metric = Double.nan
    let begin = monotonicSeconds()
    func outcome(_ isSolved: Bool, _ steps: Int) -> TrainingOutcome {
      TrainingOutcome(isSolved: isSolved, steps: steps, metric: metric, seconds: monotonicSeconds() - begin)
    }
    for step in 1...plan.steps {
      if isStopped() { return nil }
      let slope = gradient(model, task.batch(plan.batch, using: &training), &draws)
      if !slope.norm.isFinite {
        metric = .nan
        return outcome(false, step)
      }
      optimizer.update(&model, along: plan.clip.map { slope.clipped(norm: $0) } ?? slope)
      if step % plan.interval > 0 && step < plan.steps { continue }
      let batch = task.batch(500, using: &testing)
      metric = accuracy(model.head(LSTM(forward: [model.cell])(batch.inputs).state.cells[0].hidden), batch.targets)
      if metric == 1 { return outcome(true, step) }
    }
    return outcome(false, plan.steps)
  }

  /// The sum of a way's gradients over a batch of sequences, at a fixed model.
  func gradient(_ model: Model, _ batch: TaskBatch<Indices>, _ draws: inout Generator) -> Model {
    let steps = batch.inputs.shape[1]
    switch way {
    case .windows(let length):
      return windowed(model, batch, TruncatedPass(steps: steps, Truncation(stride: length, depth: length)))
    case .randomWindows(let mean):
      return windowed(model, batch, TruncatedPass(steps: steps, endingWith: 1 / Double(mean), using: &draws))
    case .learner(let influence):
      return online(model, batch, RealTimeLearner(of: model.cell, influence, batch: batch.targets.count))
    case .rankOne:
      return online(model, batch, UORO(of: model.cell, batch: batch.targets.count, using: &draws))
    }
  }

  private func windowed(_ model: Model, _ batch: TaskBatch<Indices>, _ pass: TruncatedPass<LSTM.State>) -> Model {
    let steps = batch.inputs.shape[1]
    var (pass, sum) = (pass, model * 0)
    while let window = pass.next(
      at: model,
      advance: { model, steps, state in LSTM(forward: [model.cell])(batch.inputs[.all, steps], from: state) },
      loss: { model, outputs, window in
        let last = outputs[.all, -1]
        return window.upperBound == steps ? crossEntropy(model.head(last), batch.targets) : last.sum() * 0
      })
    {
      sum = sum + window.gradient
    }
    return sum
  }

  private func online<Learner: OnlineLearner<LSTMCell, LSTMState>>(
    _ model: Model, _ batch: TaskBatch<Indices>, _ learner: Learner
  ) -> Model {
    let steps = batch.inputs.shape[1]
    var (learner, sum) = (learner, model * 0)
    for t in 0..<steps {
      let isLast = t == steps - 1
      let found = learner.observe(batch.inputs[.all, t], at: model.cell, head: model.head) { head, output in
        isLast ? crossEntropy(head(output), batch.targets) : Tensor(0)
      }
      if isLast { sum = Model(cell: found.model, head: found.head) }
    }
    return sum
  }
}
