/// What one training came to.
public struct ExperimentResult: Sendable, Hashable {
  /// The experiment's name.
  public let experiment: String
  /// Who learned.
  public let contestant: String
  /// The optimiser's learning rate.
  public let learningRate: Double
  /// What the generator of weights and examples began with.
  public let seed: Int
  /// What else it depends on, in words: results of other settings are those of other trainings.
  public let settings: String
  /// Whether the goal was reached.
  public let reached: Bool
  /// How many updates it took, or were in vain.
  public let steps: Int
  /// How many sequences those updates saw.
  public let sequences: Int
  /// What was measured last, on fresh examples; NaN after a divergence.
  public let metric: Double
  /// The wall time on one thread.
  public let seconds: Double

  /// A result of the given figures.
  public init(
    experiment: String, contestant: String, learningRate: Double, seed: Int, settings: String, reached: Bool, steps: Int,
    sequences: Int, metric: Double, seconds: Double
  ) {
    self.experiment = experiment
    self.contestant = contestant
    self.learningRate = learningRate
    self.seed = seed
    self.settings = settings
    self.reached = reached
    self.steps = steps
    self.sequences = sequences
    self.metric = metric
    self.seconds = seconds
  }
}
