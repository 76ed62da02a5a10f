internal import UnrollTraining

/// The classic results, one function each. All networks of an experiment have the same budget and choose the best of three
/// learning rates: the base rate, three tenths and one tenth of it.
extension Experiment {
  /// Every experiment, starting with the quickest.
  static var all: [Experiment] {
    [
      temporalOrder(symbols: 2), embeddedReber, counting, temporalOrder(symbols: 3), adding(steps: 100), delay, continualReber,
      clipping(steps: 20), clipping(steps: 50), forgetBias, copy(delay: 100), copy(delay: 200), adding(steps: 400),
    ] + StateTrackingTask.Rule.allCases.map { stateTracking(StateTrackingTask(rule: $0)) }
  }

  /// The adding problem.
  static func adding(steps: Int) -> Experiment {
    contrast(
      "adding, T = \(steps)", "mean squared error ≤ 0.01", numberText(AddingTask.baseline, digits: 3),
      AddingTask(steps: steps).problem, lstm: .chrono(32, longest: Double(steps)), tanh: .tanh(32),
      TrainingPlan(learningRate: 1e-2, steps: 2000))
  }

  /// Temporal order: 4 classes with two symbols, or 8 with three.
  static func temporalOrder(symbols: Int) -> Experiment {
    let task = TemporalOrderTask(symbols: symbols, steps: 50)
    return contrast(
      "temporal order, \(task.classes) classes", "500 of 500 fresh sequences right", "\(task.baseline)", task.problem,
      lstm: .chrono(16, longest: 50), tanh: .tanh(16), TrainingPlan(learningRate: 1e-2, steps: 2000))
  }

  /// The embedded Reber grammar, one string at a time.
  static var embeddedReber: Experiment {
    contrast(
      "embedded Reber grammar", "256 of 256 fresh strings right", "\(EmbeddedReberTask.baseline)", EmbeddedReberTask().problem,
      lstm: .chrono(16, longest: 20), tanh: .tanh(16), TrainingPlan(learningRate: 3e-2, batch: 4, steps: 4000),
      seeds: 10)
  }

  /// The continual Reber grammar, with forget gates and without.
  static var continualReber: Experiment {
    let problem = ContinualReberTask(steps: 100).problem
    let plan = TrainingPlan(learningRate: 1e-2, batch: 10, steps: 1500)
    return Experiment(
      name: "continual Reber grammar", goal: "10 of 10 streams of 1000 symbols right", baseline: "0",
      isHigherBetter: problem.isHigherBetter,
      contestants: [
        Contestant("LSTM", .lstm(24, forgetBias: 1), problem, [plan]),
        Contestant("without forget gates", .lstm(24, forgetBias: 100), problem, rates(plan)),
      ])
  }

  /// Copying over a delay: by a linear recurrence whose recurrent weights are orthogonal by construction, by LSTMs with biases for
  /// memories of that length, and by LSTMs with the usual biases. One rate holds for all weights.
  static func copy(delay: Int) -> Experiment {
    let task = CopyTask(delay: delay)
    let problem = task.problem
    let plan = TrainingPlan(learningRate: 5e-3, steps: 6000)
    // An update of Adam moves all 128² angles by about the rate, so that the rotation changes by up to 128 times it: at 0.005 nothing
    // was learned in 1000 updates.
    let slow = [1e-4, 3e-4].map { TrainingPlan(learningRate: $0, steps: 6000) }
    return Experiment(
      name: "copy memory, T = \(delay)", goal: "cross entropy ≤ a tenth of the baseline",
      baseline: numberText(task.baseline, digits: 3), isHigherBetter: problem.isHigherBetter,
      contestants: [
        Contestant(TaskNetwork.orthogonal(128).title, .orthogonal(128), problem, slow),
        Contestant("chrono LSTM", .chrono(64, longest: Double(task.steps)), problem, [plan]),
        Contestant("LSTM", .lstm(64, forgetBias: 1), problem, [plan]),
      ], seedCount: 3)
  }

  /// aⁿbⁿcⁿ from strings of n ≤ 10.
  static var counting: Experiment {
    let task = CountingTask(letters: 3, longest: 10)
    return contrast(
      "aⁿbⁿcⁿ, n ≤ 10", "all of n = 1 ... 21 right", "1", task.problem, lstm: .lstm(8, forgetBias: 5), tanh: .tanh(8),
      TrainingPlan(learningRate: 0.1, batch: 10, steps: 1000, interval: 10))
  }

  /// The effect of the initial forget bias on the adding problem.
  static var forgetBias: Experiment {
    let problem = AddingTask(steps: 200).problem
    let plan = TrainingPlan(learningRate: 1e-2, steps: 1500)
    return Experiment(
      name: "forget bias, adding, T = 200", goal: "mean squared error ≤ 0.01",
      baseline: numberText(AddingTask.baseline, digits: 3), isHigherBetter: problem.isHigherBetter,
      contestants: [
        Contestant("forget bias 0", .lstm(32, forgetBias: 0), problem, [plan]),
        Contestant("forget bias 1", .lstm(32, forgetBias: 1), problem, [plan]),
        Contestant("chrono", .chrono(32, longest: 200), problem, [plan]),
      ])
  }

  /// Plain gradient descent on a tanh network, with and without gradient clipping.
  static func clipping(steps: Int) -> Experiment {
    let problem = TemporalOrderTask(steps: steps).problem
    let plan = TrainingPlan(rule: .descent, learningRate: 1e-2, steps: 5000)
    var unclipped = plan
    unclipped.clip = nil
    return Experiment(
      name: "clipping, temporal order, T = \(steps)", goal: "500 of 500 fresh sequences right", baseline: "0.25",
      isHigherBetter: problem.isHigherBetter,
      contestants: [
        Contestant("tanh RNN, clipped", .tanh(50), problem, [plan]),
        Contestant("tanh RNN, not clipped", .tanh(50), problem, [unclipped]),
      ])
  }

  private static func rates(_ plan: TrainingPlan) -> [TrainingPlan] {
    [0.1, 0.3, 1].map { part in
      var other = plan
      other.learningRate = part * plan.learningRate
      return other
    }
  }

  private static func contrast<Targets>(
    _ name: String, _ goal: String, _ baseline: String, _ problem: TaskProblem<Targets>, lstm: TaskNetwork,
    tanh: TaskNetwork, _ plan: TrainingPlan, seeds: Int = 5
  ) -> Experiment {
    Experiment(
      name: name, goal: goal, baseline: baseline, isHigherBetter: problem.isHigherBetter,
      contestants: [Contestant(lstm.title, lstm, problem, [plan]), Contestant(tanh.title, tanh, problem, rates(plan))],
      seedCount: seeds)
  }
}
