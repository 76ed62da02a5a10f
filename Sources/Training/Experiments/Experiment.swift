internal import UnrollArrays

/// A classic result, to be reproduced: networks that learn the same task with the same budget, over several seeds.
///
///     Task { print(await Experiment.temporalOrder(symbols: 2).run(seeds: 1...5).markdown) }
public struct Experiment: Sendable {
  /// What is learned.
  public let name: String
  /// What counts as solved.
  public let goal: String
  /// What is reached without learning what matters.
  public let baseline: String
  /// Who learns.
  let contestants: [Contestant]
  /// Over how many seeds it is usually run.
  public private(set) var seedCount = 5

  /// How many trainings each seed is for: networks and the learning rates that they choose among.
  public var planCount: Int { contestants.reduce(0) { $0 + $1.plans.count } }

  /// The experiment with another usual number of seeds.
  func usually(seeds count: Int) -> Experiment {
    var copy = self
    copy.seedCount = count
    return copy
  }

  init(name: String, goal: String, baseline: String, contestants: [Contestant]) {
    (self.name, self.goal, self.baseline, self.contestants) = (name, goal, baseline, contestants)
  }

  /// One network and the learning rates that it may choose among.
  struct Contestant: Sendable {
    let name: String
    let network: TaskNetwork
    let plans: [TrainingPlan]
    let train: @Sendable (TaskNetwork, TrainingPlan, Int) -> TrainingOutcome

    init<Targets>(_ name: String, _ network: TaskNetwork, _ problem: TaskProblem<Targets>, _ plans: [TrainingPlan]) {
      self.name = name
      self.network = network
      self.plans = plans
      train = { problem.train($0, $1, seed: $2) }
    }
  }

  /// Trains every network with every seed, as many at a time as there are processors, each on one thread; results come in the order
  /// of networks, learning rates and seeds, and do not depend on how many run at once. Of several learning rates the report keeps the
  /// best.
  ///
  /// `limit` cuts the budget of every training to so many updates; `finished` is told of each result as it arrives.
  public func run(
    seeds: ClosedRange<Int>, limit: Int = .max, finished: @Sendable @escaping (ExperimentResult) -> Void = { _ in }
  ) async -> ExperimentReport {
    require(limit > 0, "Experiment: a limit of \(limit) updates trains nothing")
    let threads = Machine.threadCount
    Machine.threadCount = 1
    defer { Machine.threadCount = threads }
    let trainings = contestants.flatMap { contestant in
      contestant.plans.flatMap { plan in seeds.map { (contestant: contestant, plan: plan, seed: $0) } }
    }
    let results = await withTaskGroup(of: (Int, ExperimentResult).self) { group in
      for (position, training) in trainings.enumerated() {
        group.addTask { (position, result(training.contestant, training.plan, training.seed, limit)) }
      }
      var results: [(Int, ExperimentResult)] = []
      for await (position, result) in group {
        finished(result)
        results.append((position, result))
      }
      return results.sorted { $0.0 < $1.0 }.map(\.1)
    }
    return ExperimentReport(name: name, goal: goal, baseline: baseline, results: results)
  }

  private func result(_ contestant: Contestant, _ plan: TrainingPlan, _ seed: Int, _ limit: Int) -> ExperimentResult {
    var plan = plan
    plan.steps = min(plan.steps, limit)
    let outcome = contestant.train(contestant.network, plan, seed)
    return ExperimentResult(
      experiment: name, contestant: contestant.name, learningRate: plan.learningRate, seed: seed, reached: outcome.isSolved,
      steps: outcome.steps, sequences: outcome.steps * plan.batch, metric: outcome.metric, seconds: outcome.seconds)
  }
}
