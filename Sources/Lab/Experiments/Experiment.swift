internal import UnrollArrays

/// A classic result to reproduce: networks that learn the same task with the same budget, over several seeds.
struct Experiment: Sendable {
  /// The name of the experiment.
  let name: String
  /// The criterion for a solution.
  let goal: String
  /// The measure that is reached without long memory.
  let baseline: String
  /// Whether a higher measure is better.
  let isHigherBetter: Bool
  /// The networks that are compared.
  let contestants: [Contestant]
  /// The usual number of seeds.
  var seedCount = 5

  /// The number of trainings for each seed: one for each network and learning rate.
  var planCount: Int { contestants.reduce(0) { $0 + $1.plans.count } }

  /// One network, and the learning rates that it may choose from.
  struct Contestant: Sendable {
    let name: String
    /// The settings, apart from the plan and the seed, on which results depend, in words.
    let settings: String
    let plans: [TrainingPlan]
    let train: @Sendable (_ plan: TrainingPlan, _ seed: Int, _ isStopped: () -> Bool) -> TrainingOutcome?
  }
}

extension Experiment.Contestant {
  /// A network that learns a task.
  init<Targets>(_ name: String, _ network: TaskNetwork, _ problem: TaskProblem<Targets>, _ plans: [TrainingPlan]) {
    self.init(name: name, settings: "\(network)", plans: plans) {
      problem.train(network, $0, seed: $1, unless: $2)
    }
  }
}

extension Experiment {
  /// Trains every network with every seed, running as many trainings at once as there are threads, each on one thread. Results
  /// are in the order of networks, learning rates and seeds, and do not depend on the number of threads. If a network has
  /// several learning rates, the report keeps the best.
  ///
  /// `limit` caps the number of updates of each training. Trainings whose results are among `known` are not repeated. If the
  /// task is cancelled, or `isStopped` returns true between two updates, the report contains the trainings that were finished.
  ///
  /// `finished` is called with each new result as it arrives, and ends the run if it throws.
  func run<Failure>(
    seeds: ClosedRange<Int>, limit: Int = .max, known: [ExperimentResult] = [],
    isStopped: @Sendable @escaping () -> Bool = { false }, finished: (ExperimentResult) throws(Failure) -> Void
  ) async throws(Failure) -> ExperimentReport {
    let trainings = trainings(seeds, limit)
    return try await Machine.spreading { () async throws(Failure) in
      try await report(of: trainings, known, isStopped, finished)
    }
  }

  private func report<Failure>(
    of trainings: [Training], _ known: [ExperimentResult], _ isStopped: @Sendable @escaping () -> Bool,
    _ finished: (ExperimentResult) throws(Failure) -> Void
  ) async throws(Failure) -> ExperimentReport {
    let threads = Machine.threadCount
    var results = trainings.map { training in known.first(where: training.made) }
    var waiting = results.indices.filter { results[$0] == nil }[...]
    var failure: Failure?
    await withTaskGroup(of: (Int, ExperimentResult?).self) { group in
      var running = 0
      while true {
        while running < threads, let position = waiting.popFirst() {
          let training = trainings[position]
          group.addTask { (position, training.result { Task.isCancelled || isStopped() }) }
          running += 1
        }
        guard let (position, result) = await group.next() else { break }
        running -= 1
        guard let result else {
          waiting = []
          continue
        }
        results[position] = result
        do throws(Failure) {
          try finished(result)
        } catch {
          failure = error
          waiting = []
          group.cancelAll()
        }
      }
    }
    if let failure { throw failure }
    return ExperimentReport(
      name: name, goal: goal, baseline: baseline, isHigherBetter: isHigherBetter, results: results.compactMap { $0 })
  }

  /// The given results that a run over these seeds would produce again.
  func results(among known: [ExperimentResult], seeds: ClosedRange<Int>, limit: Int = .max) -> [ExperimentResult] {
    trainings(seeds, limit).compactMap { training in known.first(where: training.made) }
  }

  private func trainings(_ seeds: ClosedRange<Int>, _ limit: Int) -> [Training] {
    require(limit > 0, "Experiment: a limit of \(limit) updates trains nothing")
    return contestants.flatMap { contestant in
      contestant.plans.flatMap { plan in
        var plan = plan
        plan.steps = min(plan.steps, limit)
        return seeds.map { Training(experiment: name, contestant: contestant, plan: plan, seed: $0) }
      }
    }
  }
}

/// One training of an experiment.
private struct Training: Sendable {
  let experiment: String
  let contestant: Experiment.Contestant
  let plan: TrainingPlan
  let seed: Int

  private var settings: String { "\(contestant.settings); \(plan.record)" }

  /// Whether a result comes from this training.
  func made(_ result: ExperimentResult) -> Bool {
    result.experiment == experiment && result.contestant == contestant.name && result.learningRate == plan.learningRate
      && result.seed == seed && result.settings == settings
  }

  func result(unless isStopped: () -> Bool) -> ExperimentResult? {
    contestant.train(plan, seed, isStopped).map { outcome in
      ExperimentResult(
        experiment: experiment, contestant: contestant.name, learningRate: plan.learningRate, seed: seed, settings: settings,
        reached: outcome.isSolved, steps: outcome.steps, sequences: outcome.steps * plan.batch, metric: outcome.metric,
        trained: outcome.trained, seconds: outcome.seconds)
    }
  }
}
