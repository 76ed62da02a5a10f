internal import UnrollTraining

/// The results of one experiment, every one of them, and what they come to.
struct ExperimentReport: Sendable {
  /// What was learned.
  let name: String
  /// What counted as solved.
  let goal: String
  /// What is reached without learning what matters.
  let baseline: String
  /// Whether of two measures the higher one is the better, as of shares that are right; of losses the lower one is.
  var isHigherBetter = false
  /// All results.
  let results: [ExperimentResult]

  /// Each network's results at the learning rate that reached the goal most often, among equals soonest, and among those as good
  /// still with the fewest divergences and the best mean of what was measured last.
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

  /// Updates count only where they reached the goal: a training that diverged was short, not quick.
  private func cost(_ results: [ExperimentResult]) -> (failures: Int, steps: Int, divergences: Int, measure: Double) {
    let solved = results.filter(\.reached)
    let measures = results.map(\.metric).filter(\.isFinite)
    let mean = measures.isEmpty ? 0 : measures.reduce(0, +) / Double(measures.count)
    return (
      results.count - solved.count, solved.reduce(0) { $0 + $1.steps }, results.count - measures.count,
      isHigherBetter ? -mean : mean
    )
  }

  /// One table for several experiments: a heading, a row for each network, one for each experiment that was not run, which says why,
  /// and below it a sentence for each experiment.
  static func markdown(_ reports: [ExperimentReport], notRun: [(name: String, reason: String)] = []) -> String {
    let sentences = reports.map { "- \($0.name): solved is \($0.goal). Without memory: \($0.baseline)." }
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
        "\(solved.count) of \(results.count)", steps, sequences, spread(results.map(\.metric)), spread(results.map(\.seconds)),
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

/// Mean ± standard deviation, or a dash for nothing.
private func spread(_ values: [Double]) -> String {
  if values.isEmpty { return "–" }
  let mean = values.reduce(0, +) / Double(values.count)
  if values.count == 1 { return numberText(mean, digits: 3) }
  let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
  return "\(numberText(mean, digits: 3)) ± \(numberText(variance.squareRoot(), digits: 2))"
}
