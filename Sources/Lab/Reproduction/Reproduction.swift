internal import UnrollArrays
internal import UnrollFiles
internal import UnrollTraining

/// Runs the classic experiments one after another, with all seeds of an experiment at once. Finished results are stored and not
/// computed again.
struct Reproduction {
  let options: Options
  /// Whether to stop, checked between updates.
  var isInterrupted: @Sendable () -> Bool = { Interruption.isRequested }
  /// The folder where the search for this library's sources starts.
  var workingFolder = "."
  /// Receives messages while the experiments run.
  var tell: (String) -> Void = { writeToStandardError($0 + "\n") }

  private var folder: String { options.folder ?? Command.reproduce.folder }
  private var limit: Int { options.numbers[.updates] ?? .max }

  /// Runs the experiments, writes each result when it arrives and the table after each experiment, and returns the table.
  func run() async throws -> String {
    let selection = try Selection(options, workingFolder: workingFolder)
    try FileSystem.system.ensureFolder(folder)
    var file = try ResultsFile(in: folder)
    if options.isFresh {
      let names = Set(selection.experiments.map(\.name))
      try file.removeAll { names.contains($0.experiment) }
    }
    var reports: [ExperimentReport] = []
    for experiment in selection.experiments {
      reports.append(try await run(experiment, &file))
      try replaceFile("\(folder)/results.md", text: markdown(reports, selection))
    }
    return options.isJSON ? ExperimentResult.json(reports.flatMap(\.results)) : markdown(reports, selection)
  }

  private func run(_ experiment: Experiment, _ file: inout ResultsFile) async throws -> ExperimentReport {
    let (first, count) = (options.number(.seed), options.numbers[.seeds] ?? experiment.seedCount)
    guard first <= Int.max - count else { throw Options.Misuse(description: "--seed \(first) leaves no room for more seeds") }
    let seeds = first...(first + count - 1)
    let total = count * experiment.planCount
    let known = experiment.results(among: file.results, seeds: seeds, limit: limit)
    var done = known.count
    tell("\(experiment.name): \(total) trainings, solved is \(experiment.goal)")
    if done > 0 { tell("  \(done) of \(total) trainings were done before; --fresh starts over") }
    let report = try await experiment.run(seeds: seeds, limit: limit, known: known, isStopped: isInterrupted) {
      (result) throws(ArrayFileError) in
      try file.add(result)
      done += 1
      tell("  \(done)/\(total) \(result.line)")
    }
    if report.results.count < total {
      throw Interrupted(
        description: "stopped after \(done) of \(total) trainings of \(experiment.name); the same command resumes from "
          + "\(file.path), and --fresh starts over")
    }
    return report
  }

  /// The table, with the conditions of the runs.
  private func markdown(_ reports: [ExperimentReport], _ selection: Selection) -> String {
    let cut = options.numbers[.updates].map { " Trainings were stopped after \($0) updates." } ?? ""
    return
      "Means ± standard deviations over seeds, each training on one thread; updates and sequences of what was solved.\(cut)\n"
      + "\n\(ExperimentReport.markdown(reports, notRun: selection.notRun))\n"
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

/// A file with the results of finished trainings, written as soon as they arrive.
struct ResultsFile {
  let path: String
  /// The results of all experiments that were ever run in the folder.
  private(set) var results: [ExperimentResult] = []

  /// Reads the file in a folder; throws if it is damaged or not a results file.
  init(in folder: String) throws {
    path = "\(folder)/results.json"
    guard try FileSystem.names(in: folder)?.contains("results.json") == true else { return }
    do throws(DataFileError) {
      results = try ExperimentResult.results(json: TextFile.read(path))
    } catch {
      let place = error.offset.map { ", byte \($0)" } ?? ""
      throw Options.Misuse(
        description: "\(path)\(place): \(error.reason); move the file away, or name another folder: --out FOLDER")
    }
  }

  /// Adds a result.
  mutating func add(_ result: ExperimentResult) throws(ArrayFileError) {
    results.append(result)
    try write()
  }

  /// Removes results.
  mutating func removeAll(where isRemoved: (ExperimentResult) -> Bool) throws(ArrayFileError) {
    results.removeAll(where: isRemoved)
    try write()
  }

  private func write() throws(ArrayFileError) { try replaceFile(path, text: ExperimentResult.json(results)) }
}
