internal import UnrollArrays
internal import UnrollFiles
internal import UnrollTraining

/// The result of one training.
struct ExperimentResult: Sendable, Equatable {
  /// The experiment's name.
  let experiment: String
  /// The name of the network.
  let contestant: String
  /// The optimiser's learning rate.
  let learningRate: Double
  /// The seed of the generator of weights and examples.
  let seed: Int
  /// All other settings that the result depends on, in words; results with other settings come from other trainings.
  let settings: String
  /// Whether the goal was reached.
  let reached: Bool
  /// The number of updates until the goal was reached, or the training ended.
  let steps: Int
  /// The number of sequences in those updates.
  let sequences: Int
  /// The final measure on fresh examples; NaN after a divergence.
  let metric: Double
  /// The final measure of sequences as they are in training, for tasks that are tested on longer ones; nil for others.
  var trained: Double?
  /// The wall-clock time on one thread.
  let seconds: Double
}

extension ExperimentResult {
  /// A JSON array of results.
  static func json(_ results: [ExperimentResult]) -> String {
    results.isEmpty ? "[]\n" : "[\n" + results.map { "  " + $0.json }.joined(separator: ",\n") + "\n]\n"
  }

  private var json: String {
    "{\"experiment\": \(quoted(experiment)), \"contestant\": \(quoted(contestant)), "
      + "\"learningRate\": \(learningRate), \"seed\": \(seed), \"settings\": \(quoted(settings)), \"reached\": \(reached), "
      + "\"steps\": \(steps), \"sequences\": \(sequences), \"metric\": \(metric.isFinite ? "\(metric)" : "null"), "
      + (trained.map { "\"trained\": \($0), " } ?? "") + "\"seconds\": \(seconds)}"
  }

  /// The results in a text that `json` has written; throws for any other text.
  static func results(json text: String) throws(DataFileError) -> [ExperimentResult] {
    let value: JSON
    do {
      value = try JSON(Array(text.utf8))
    } catch {
      throw DataFileError(.malformed, error.reason, offset: error.offset)
    }
    guard case .array(let elements) = value else { throw DataFileError(.malformed, "it is not a list of results") }
    var results: [ExperimentResult] = []
    for (position, element) in elements.enumerated() {
      guard let result = ExperimentResult(element) else {
        throw DataFileError(.malformed, "entry \(position + 1) is not a result of a training")
      }
      results.append(result)
    }
    return results
  }

  private init?(_ value: JSON) {
    func count(_ name: String) -> Int? { value[name]?.integer.flatMap { $0 > 0 ? Int(exactly: $0) : nil } }
    guard let experiment = value["experiment"]?.string, let contestant = value["contestant"]?.string,
      let learningRate = value["learningRate"]?.double, let seed = value["seed"]?.integer,
      let settings = value["settings"]?.string, let reached = value["reached"]?.truth, let steps = count("steps"),
      let sequences = count("sequences"), let metric = value["metric"], let seconds = value["seconds"]?.double,
      let measured = metric == .null ? .nan : metric.double, measured.isFinite || metric == .null,
      learningRate.isFinite, learningRate > 0, seconds.isFinite, seconds >= 0, measured.isFinite || !reached
    else { return nil }
    let trained = value["trained"]
    if let trained, trained.double?.isFinite != true { return nil }
    self.init(
      experiment: experiment, contestant: contestant, learningRate: learningRate, seed: Int(seed), settings: settings,
      reached: reached, steps: steps, sequences: sequences, metric: measured, trained: trained?.double,
      seconds: seconds)
  }
}
