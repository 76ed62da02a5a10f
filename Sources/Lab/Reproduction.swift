internal import Synchronization
internal import UnrollArrays
internal import UnrollTraining

/// The classic experiments, one after another, each over its seeds at once.
struct Reproduction {
  let options: Options
  /// What is told while it runs.
  var tell: @Sendable (String) -> Void = { writeToStandardError($0 + "\n") }

  private var folder: String { options.folder ?? Command.reproduce.folder }

  /// Runs them, writes tables and results after each, and returns the tables.
  func run() async throws -> String {
    let experiments = try Reproduction.experiments(named: options.operands)
    try FileSystem.system.ensureFolder(folder)
    var reports: [ExperimentReport] = []
    for experiment in experiments {
      reports.append(await run(experiment))
      try replaceFile("\(folder)/results.md", text: markdown(reports))
      try replaceFile("\(folder)/results.json", text: Reproduction.json(reports))
    }
    return options.isJSON ? Reproduction.json(reports) : markdown(reports)
  }

  private func run(_ experiment: Experiment) async -> ExperimentReport {
    let (first, count) = (options.numbers[.seed] ?? 1, options.numbers[.seeds] ?? experiment.seedCount)
    let total = count * experiment.planCount
    let done = Atomic(0)
    tell("\(experiment.name): \(total) trainings, solved is \(experiment.goal)")
    let limit = options.numbers[.updates] ?? .max
    return await experiment.run(seeds: first...(first + count - 1), limit: limit) { [tell] result in
      let number = done.add(1, ordering: .relaxed).newValue
      tell("  \(number)/\(total) \(result.line)")
    }
  }

  /// Those whose names have one of the given texts in them; without any, all.
  static func experiments(named names: [String]) throws(Options.Misuse) -> [Experiment] {
    let all = Experiment.all
    if names.isEmpty { return all }
    for name in names where !all.contains(where: { matches($0, name) }) {
      let known = all.flatMap { [$0.name] + $0.name.split(separator: " ").map { String($0.filter { $0 != "," }) } }
      let advice = nearestName(name, among: known).map { "try \($0)" } ?? "there are \(all.map(\.name).joined(separator: "; "))"
      throw Options.Misuse(description: "there is no experiment \(name); \(advice)")
    }
    return all.filter { experiment in names.contains { matches(experiment, $0) } }
  }

  private static func matches(_ experiment: Experiment, _ name: String) -> Bool {
    experiment.name.lowercased().contains(name.lowercased())
  }

  /// The tables, and what they were made with.
  private func markdown(_ reports: [ExperimentReport]) -> String {
    let limit = options.numbers[.updates].map { " Trainings were stopped after \($0) updates." } ?? ""
    let introduction = "Means ± standard deviations over seeds, each training on one thread.\(limit)\n"
    return "\(introduction)\n" + reports.map { $0.markdown + "\n" }.joined(separator: "\n")
  }

  private static func json(_ reports: [ExperimentReport]) -> String {
    let lists = reports.map { $0.json.dropFirst(2).dropLast(3) }
    return "[\n" + lists.joined(separator: ",\n") + "\n]\n"
  }
}

extension ExperimentResult {
  /// The result in one line.
  fileprivate var line: String {
    let verdict = reached ? "solved after" : metric.isFinite ? "not solved in" : "diverged after"
    return "\(contestant), rate \(numberText(learningRate, digits: 2)), seed \(seed): \(verdict) \(steps) updates, "
      + "measured \(numberText(metric, digits: 3)), \(fixedText(seconds, decimals: 1)) s"
  }
}
