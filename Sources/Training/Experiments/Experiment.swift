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
  /// Whether of two measures the higher one is the better.
  package let isHigherBetter: Bool
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

  init(name: String, goal: String, baseline: String, isHigherBetter: Bool, contestants: [Contestant]) {
    (self.name, self.goal, self.baseline, self.contestants) = (name, goal, baseline, contestants)
    self.isHigherBetter = isHigherBetter
  }

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
