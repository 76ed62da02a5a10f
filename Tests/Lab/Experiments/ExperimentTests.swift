import Foundation
import Synchronization
import Testing
import UnrollArrays
import UnrollFiles
import UnrollTestSupport
import UnrollTraining

@testable import unroll_lab

/// Experiments from end to end, with budgets that learn nothing.
@Suite struct ExperimentTests {
  @Test func everyExperimentRuns() async throws {
    let long = ["T = 400", "T = 200", "state tracking"]
    let short = StateTrackingTask(rule: .modularArithmetic, trained: 4, tested: 8)
    let experiments = Experiment.all.filter { experiment in !long.contains { experiment.name.contains($0) } }
    for experiment in experiments + [.stateTracking(short)] {
      let report = await experiment.run(seeds: 1...1, limit: 2)
      #expect(
        report.results.allSatisfy { $0.steps == 2 && $0.metric.isFinite && !$0.reached && $0.experiment == experiment.name })
      #expect(report.best.count > 1 && ExperimentReport.markdown([report]).contains(experiment.name))
      let json = try JSON(Array(ExperimentResult.json(report.results).utf8))
      #expect(json.elements.count == report.results.count && json.elements[0]["steps"]?.integer == 2)
    }
    #expect(Set(Experiment.all.map(\.name)).count == Experiment.all.count)
  }

  /// The same seed gives the same numbers, beside whatever else runs.
  @Test func resultsAreDetermined() async {
    let experiment = Experiment.embeddedReber
    let (both, one) = (await experiment.run(seeds: 1...2, limit: 20), await experiment.run(seeds: 2...2, limit: 20))
    let again = both.results.filter { $0.seed == 2 }
    #expect(again.map(\.metric) == one.results.map(\.metric) && again.map(\.learningRate) == one.results.map(\.learningRate))
  }

  @Test func theBestRateIsKept() {
    func result(_ rate: Double, _ seed: Int, _ reached: Bool, _ steps: Int, _ metric: Double) -> ExperimentResult {
      ExperimentResult(
        experiment: "x", contestant: "y", learningRate: rate, seed: seed, settings: "", reached: reached, steps: steps,
        sequences: 2 * steps, metric: metric, seconds: 1)
    }
    let results = [
      result(0.1, 1, true, 100, 1), result(0.1, 2, false, 500, .nan), result(0.2, 1, true, 300, 1),
      result(0.2, 2, true, 100, 1),
    ]
    let report = ExperimentReport(name: "x", goal: "g", baseline: "b", results: results)
    #expect(report.best == [Array(results[2...])])
    #expect(report.rows == ["| x | y | 0.20 | 2 of 2 | 200 ± 141 | 400 ± 283 | 1.00 ± 0 | 1.00 ± 0 |"])
    #expect(ExperimentResult.json(report.results).contains("\"metric\": null"))
  }

  /// Where none reached the goal, the measure decides; what diverged early is no quick solution.
  @Test func theBestOfUnsolvedRates() {
    func result(_ rate: Double, _ reached: Bool, _ steps: Int, _ metric: Double) -> ExperimentResult {
      ExperimentResult(
        experiment: "x", contestant: "y", learningRate: rate, seed: 1, settings: "", reached: reached, steps: steps,
        sequences: steps, metric: metric, seconds: 1)
    }
    func best(_ results: [ExperimentResult], isHigherBetter: Bool = false) -> Double? {
      ExperimentReport(name: "x", goal: "g", baseline: "b", isHigherBetter: isHigherBetter, results: results)
        .best.first?.first?.learningRate
    }
    let unsolved = [result(0.1, false, 500, 0.3), result(0.2, false, 500, 0.2), result(0.3, false, 500, 0.4)]
    #expect(best(unsolved) == 0.2)
    #expect(best(unsolved, isHigherBetter: true) == 0.3)
    let diverged = [result(0.1, false, 3, .nan), result(0.2, false, 500, 0.2)]
    #expect(best(diverged) == 0.2 && best(diverged, isHigherBetter: true) == 0.2)
    #expect(best([result(0.1, false, 3, .nan), result(0.2, false, 2, .nan)]) == 0.1)
    // A goal that was reached counts more than any measure, and reaching it sooner more than a better one.
    #expect(best(unsolved + [result(0.4, true, 400, 0.9)]) == 0.4)
    #expect(best([result(0.1, true, 400, 0.1), result(0.2, true, 300, 0.2)]) == 0.2)
  }

  /// Every experiment says which of two measures is the better one, and its report hands it on.
  @Test func experimentsSayWhatIsBetter() async {
    let lower = Experiment.all.filter { !$0.isHigherBetter }.map(\.name)
    #expect(
      lower == [
        "adding, T = 100", "forget bias, adding, T = 200", "copy memory, T = 100", "copy memory, T = 200", "adding, T = 400",
      ])
    #expect(await Experiment.embeddedReber.run(seeds: 1...1, limit: 1).isHigherBetter)
  }

  /// Two runs that overlap leave the number of threads as it was, also as somebody sets it meanwhile; while one of them runs,
  /// operations take one thread.
  @Test func overlappingRunsLeaveTheThreads() async {
    await #expect(processExitsWith: .success) {
      let events = Events()
      Machine.splitsEverything = true  // However few processors there are.
      Machine.threadCount = 3
      let first = events.run("first")
      await events.wait(for: "first runs")
      let second = events.run("second")
      await events.wait(for: "second runs")
      #expect(Machine.operationThreads == 1)
      Machine.threadCount = 5
      events.note("first may end")
      _ = await first.value
      #expect(Machine.operationThreads == 1, "the second still runs")
      events.note("second may end")
      _ = await second.value
      #expect(Machine.threadCount == 5 && Machine.operationThreads == 5)
      exit(Machine.operationThreads == 5 ? 0 : 1)
    }
  }

  /// What is tested on longer sequences than those of training is measured on both.
  @Test func bothMeasuresInATable() throws {
    let results = [0.5, 0.75].map { trained in
      ExperimentResult(
        experiment: "a", contestant: "n", learningRate: 0.5, seed: 1, settings: "", reached: false, steps: 2, sequences: 4,
        metric: 0.25, trained: trained, seconds: 1)
    }
    #expect(
      ExperimentReport.markdown([ExperimentReport(name: "a", goal: "g", baseline: "1", results: results)]) == """
        \(ExperimentReport.heading)
        | a | n | 0.50 | 0 of 2 | – | – | 0.250 ± 0 (0.625 ± 0.18) | 1.00 ± 0 |

        - a: solved is g. Without memory: 1. In brackets: of sequences as in training.
        """)
    let text = ExperimentResult.json(results)
    #expect(try ExperimentResult.results(json: text) == results)
    #expect(throws: DataFileError.self) {
      try ExperimentResult.results(json: text.replacing("\"trained\": 0.5", with: "\"trained\": \"0.5\""))
    }
  }

  /// One table: a heading, the rows of all, those that were not run, and a sentence for each.
  @Test func severalInOneTable() {
    let result = ExperimentResult(
      experiment: "a", contestant: "n", learningRate: 0.5, seed: 1, settings: "", reached: false, steps: 2, sequences: 4,
      metric: 1, seconds: 1)
    let reports = ["a", "b"].map { ExperimentReport(name: $0, goal: "g", baseline: "1", results: [result]) }
    #expect(
      ExperimentReport.markdown(reports, notRun: [("c", "type more")]) == """
        \(ExperimentReport.heading)
        | a | n | 0.50 | 0 of 1 | – | – | 1.00 | 1.00 |
        | b | n | 0.50 | 0 of 1 | – | – | 1.00 | 1.00 |
        | c | type more | – | – | – | – | – | – |

        - a: solved is g. Without memory: 1.
        - b: solved is g. Without memory: 1.
        """)
  }

  @Test func resultsAsJSON() throws {
    let results = [(0.1, true), (.nan, false)].map { metric, reached in
      ExperimentResult(
        experiment: "aⁿ \"x\"", contestant: "n\\", learningRate: 0.1, seed: 7, settings: "two\nlines", reached: reached,
        steps: 2, sequences: 4, metric: metric, seconds: 1.0 / 3)
    }
    let again = try ExperimentResult.results(json: ExperimentResult.json(results))
    #expect(again[0] == results[0] && again.count == 2 && again[1].metric.isNaN && again[1].settings == "two\nlines")
    #expect(try ExperimentResult.results(json: ExperimentResult.json([])).isEmpty)
    // Every member is needed, and must be what it stands for.
    let text = ExperimentResult.json([results[0]])
    let wrongs = [
      ("\"seed\": 7", "\"seed\": 0.5"), ("\"reached\"", "\"rached\""), ("\"metric\": 0.1", "\"metric\": 1e999"),
      ("\"metric\": 0.1", "\"metric\": null"), ("\"steps\": 2", "\"steps\": 0"), ("\"steps\": 2", "\"steps\": \"2\""),
      ("\"learningRate\": 0.1", "\"learningRate\": 0"), ("\"seconds\": 0", "\"seconds\": -1"),
    ]
    for (part, other) in wrongs {
      #expect(text.contains(part), "\(part)")
      let error = #expect(throws: DataFileError.self, "\(other)") {
        try ExperimentResult.results(json: text.replacing(part, with: other))
      }
      #expect(error?.kind == .malformed && error?.reason == "entry 1 is not a result of a training")
    }
  }

  /// Known results are taken over and not told again; the others are trained, and cut short by a stop.
  @Test func knownAndStopped() async {
    let experiment = Experiment.embeddedReber
    let whole = await experiment.run(seeds: 1...2, limit: 2)
    var told = 0
    let known = Array(whole.results.dropFirst(3))
    let again = await experiment.run(seeds: 1...2, limit: 2, known: known) { _ in told += 1 }
    #expect(told == 3 && again.results.map(\.metric) == whole.results.map(\.metric))
    #expect(again.results.dropFirst(3) == whole.results.dropFirst(3))
    #expect(experiment.results(among: known, seeds: 1...2, limit: 3).isEmpty)
    #expect(experiment.results(among: known, seeds: 1...2, limit: 2) == known)
    let stopped = await experiment.run(seeds: 1...2, limit: 2, known: known, isStopped: { true })
    #expect(stopped.results == known)
    let cancelled = Task { await Experiment.embeddedReber.run(seeds: 1...2) }
    cancelled.cancel()
    #expect(await cancelled.value.results.isEmpty)
  }

  /// What cannot be kept ends the run with its error.
  @Test func whatCannotBeKept() async {
    struct Full: Error, Equatable {}
    await #expect(throws: Full()) {
      try await Experiment.embeddedReber.run(seeds: 1...2, limit: 1) { _ in throw Full() }
    }
  }

  /// The usual budgets: how many seeds each has.
  @Test func usualSeeds() {
    let others = Experiment.all.filter { $0.seedCount != 5 }.map { "\($0.name), \($0.seedCount)" }
    #expect(others == ["embedded Reber grammar, 10", "copy memory, T = 100, 3", "copy memory, T = 200, 3"])
  }

  @Test func aLimitTrainsSomething() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = await Experiment.embeddedReber.run(seeds: 1...1, limit: 0)
    }
    #expect(stopSentence(result) == "Experiment: a limit of 0 updates trains nothing")
  }
}

/// What happened so far, and runs of an experiment that begin and end with it.
private final class Events: Sendable {
  private let names = Mutex<Set<String>>([])

  func note(_ event: String) { names.withLock { _ = $0.insert(event) } }

  func wait(for event: String) async {
    while !names.withLock({ $0.contains(event) }) { try? await Task.sleep(for: .milliseconds(1)) }
  }

  func run(_ name: String) -> Task<ExperimentReport, Never> {
    Task {
      await Experiment.ofShortTrainings.run(
        seeds: 1...10_000,
        isStopped: { [self] in
          note("\(name) runs")
          return names.withLock { $0.contains("\(name) may end") }
        })
    }
  }
}

extension Experiment {
  /// Trainings of a millisecond: a long one would keep a thread of the pool from the other run and from the test.
  fileprivate static let ofShortTrainings = Experiment(
    name: "waiting", goal: "none", baseline: "none", isHigherBetter: true,
    contestants: [
      Contestant(name: "nobody", settings: "", plans: [TrainingPlan(learningRate: 1, steps: 1)]) { _, _, isStopped in
        usleep(1000)
        return isStopped() ? nil : TrainingOutcome(isSolved: false, steps: 1, metric: 0, seconds: 0.001)
      }
    ])

  /// A run that keeps its results to itself.
  func run(
    seeds: ClosedRange<Int>, limit: Int = .max, known: [ExperimentResult] = [],
    isStopped: @Sendable @escaping () -> Bool = { false }
  ) async -> ExperimentReport {
    await run(seeds: seeds, limit: limit, known: known, isStopped: isStopped, finished: { _ in })
  }
}
