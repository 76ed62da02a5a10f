import Testing
import UnrollArrays
import UnrollTestSupport
import UnrollTraining

/// Experiments from end to end, with budgets that learn nothing.
@Suite struct ExperimentTests {
  @Test func everyExperimentRuns() async throws {
    for experiment in Experiment.all where !experiment.name.contains("T = 400") && !experiment.name.contains("T = 200") {
      let report = await experiment.run(seeds: 1...1, limit: 2)
      #expect(
        report.results.allSatisfy { $0.steps == 2 && $0.metric.isFinite && !$0.reached && $0.experiment == experiment.name })
      #expect(report.best.count > 1 && report.markdown.contains(experiment.name))
      let json = try JSON(Array(report.json.utf8))
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
        experiment: "x", contestant: "y", learningRate: rate, seed: seed, reached: reached, steps: steps, sequences: 2 * steps,
        metric: metric, seconds: 1)
    }
    let results = [
      result(0.1, 1, true, 100, 1), result(0.1, 2, false, 500, .nan), result(0.2, 1, true, 300, 1),
      result(0.2, 2, true, 100, 1),
    ]
    let report = ExperimentReport(name: "x", goal: "g", baseline: "b", results: results)
    #expect(report.best == [Array(results[2...])])
    #expect(
      report.markdown.hasSuffix("| x | y | 0.20 | 2 of 2 | 200 ± 141 | 400 ± 283 | 1.00 ± 0 | 1.00 ± 0 |"), "\(report.markdown)"
    )
    #expect(report.json.contains("\"metric\": null"))
  }

  @Test func aLimitTrainsSomething() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = await Experiment.embeddedReber.run(seeds: 1...1, limit: 0)
    }
    #expect(stopSentence(result) == "Experiment: a limit of 0 updates trains nothing")
  }
}
