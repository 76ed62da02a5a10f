internal import UnrollTraining

/// All results of one experiment, and their summary.
struct ExperimentReport: Sendable {
  /// The name of the experiment.
  let name: String
  /// The criterion for a solution.
  let goal: String
  /// The measure that is reached without long memory.
  let baseline: String
  /// Whether a higher measure is better, as for accuracies; for losses a lower one is.
  var isHigherBetter = false
  /// All results.
  let results: [ExperimentResult]

  /// The results of each network at its best learning rate: the rate that reached the goal most often; among equals the one
  /// that took the fewest updates, then had the fewest divergences, then the best mean final measure.
  var best: [[ExperimentResult]] {
    var names: [String] = []
    for result in results where !names.contains(result.contestant) { names.append(result.contestant) }
    return names.map { name in
      let own = results.filter { $0.contestant == name }
      var rates: [Double] = []
      for result in own where !rates.contains(result.learningRate) { rates.append(result.learningRate) }
      let byRate = rates.map { rate in own.filter { $0.learningRate == rate } }
      return byRate.min { cost($0) < cost($1) } ?? []
    }
  }

  /// Updates count only if the goal was reached: a training that diverged was short, not fast.
  private func cost(_ results: [ExperimentResult]) -> (failures: Int, steps: Int, divergences: Int, measure: Double) {
    let solved = results.filter(\.reached)
    let measures = results.map(\.metric).filter(\.isFinite)
    let mean = measures.isEmpty ? 0 : measures.reduce(0, +) / Double(measures.count)
    return (
      results.count - solved.count, solved.reduce(0) { $0 + $1.steps }, results.count - measures.count,
      isHigherBetter ? -mean : mean
    )
  }

  /// One table for several experiments: a heading, a row for each network, and a row with the reason for each experiment that
  /// was not run. A sentence for each experiment follows.
  static func markdown(_ reports: [ExperimentReport], notRun: [(name: String, reason: String)] = []) -> String {
    let sentences = reports.map { report in
      let brackets = report.results.contains { $0.trained != nil } ? " In brackets: of sequences as in training." : ""
      return "- \(report.name): solved is \(report.goal). Without memory: \(report.baseline).\(brackets)"
    }
    let others = notRun.map { "| \($0.name) | \($0.reason) | – | – | – | – | – | – |" }
    return ([heading] + reports.flatMap(\.rows) + others + [""] + sentences).joined(separator: "\n")
  }

  /// The rows of the table, one for each network.
  var rows: [String] {
    best.map { results in
      let solved = results.filter(\.reached)
      let steps = spread(solved.map { Double($0.steps) })
      let sequences = spread(solved.map { Double($0.sequences) })
      let cells = [
        name, results.first?.contestant ?? "", results.first.map { numberText($0.learningRate, digits: 2) } ?? "",
        "\(solved.count) of \(results.count)", steps, sequences, spread(results.map(\.metric)) + asTrained(results),
        spread(results.map(\.seconds)),
      ]
      return "| " + cells.joined(separator: " | ") + " |"
    }
  }

  /// The heading of the table.
  static let heading = """
    | task | network | rate | solved | updates | sequences | measured last | seconds |
    |---|---|---|---|---|---|---|---|
    """
}

/// The measure of sequences as they are in training, in brackets; empty for tasks that are tested on the same.
private func asTrained(_ results: [ExperimentResult]) -> String {
  let measures = results.compactMap(\.trained)
  return measures.isEmpty ? "" : " (\(spread(measures)))"
}

/// Mean ± standard deviation, or a dash if there are no values.
private func spread(_ values: [Double]) -> String {
  if values.isEmpty { return "–" }
  let mean = values.reduce(0, +) / Double(values.count)
  if values.count == 1 { return numberText(mean, digits: 3) }
  let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
  return "\(numberText(mean, digits: 3)) ± \(numberText(variance.squareRoot(), digits: 2))"
}
