internal import UnrollArrays

/// A classic result, to be reproduced: networks that learn the same task with the same budget, over several seeds.
struct Experiment: Sendable {
  /// What is learned.
  let name: String
  /// What counts as solved.
  let goal: String
  /// What is reached without learning what matters.
  let baseline: String
  /// Whether of two measures the higher one is the better.
  let isHigherBetter: Bool
  /// Who learns.
  let contestants: [Contestant]
  /// Over how many seeds it is usually run.
  var seedCount = 5

  /// How many trainings each seed is for: networks and the learning rates that they choose among.
  var planCount: Int { contestants.reduce(0) { $0 + $1.plans.count } }

  /// One network and the learning rates that it may choose among.
  struct Contestant: Sendable {
    let name: String
    /// What results depend on beside the plan and the seed, in words.
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
  /// Trains every network with every seed, as many at a time as there are threads to use, each on one of them; results come in the
  /// order of networks, learning rates and seeds, and do not depend on how many run at once. Of several learning rates the report
  /// keeps the best.
  ///
  /// `limit` cuts the budget of every training to so many updates. What is among the `known` results is not trained again. Where the
  /// task is cancelled or `isStopped` says so, asked between updates, the report has the trainings that were finished.
  ///
  /// `finished` is told of each result that was not known as it arrives, and ends the run where it throws.
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

  /// Those of the given results that a run over these seeds need not train for again.
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

/// One of an experiment's trainings.
private struct Training: Sendable {
  let experiment: String
  let contestant: Experiment.Contestant
  let plan: TrainingPlan
  let seed: Int

  private var settings: String { "\(contestant.settings); \(plan.record)" }

  /// Whether a result is that of this training.
  func made(_ result: ExperimentResult) -> Bool {
    result.experiment == experiment && result.contestant == contestant.name && result.learningRate == plan.learningRate
      && result.seed == seed && result.settings == settings
  }

  func result(unless isStopped: () -> Bool) -> ExperimentResult? {
    contestant.train(plan, seed, isStopped).map { outcome in
      ExperimentResult(
        experiment: experiment, contestant: contestant.name, learningRate: plan.learningRate, seed: seed, settings: settings,
        reached: outcome.isSolved, steps: outcome.steps, sequences: outcome.steps * plan.batch, metric: outcome.metric,
        seconds: outcome.seconds)
    }
  }
}
