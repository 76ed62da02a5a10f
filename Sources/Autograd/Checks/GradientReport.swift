/// What a gradient check found.
public struct GradientReport: Sendable {
  /// An analytic derivative beside the numeric one.
  public struct Comparison: Sendable {
    /// Which derivative: mode and order.
    public let check: String
    /// Which tensor of the input, in the order of `visitTensors`.
    public let input: Int
    /// The element, nil for a derivative along a random direction.
    public let index: [Int]?
    /// What the rules say.
    public let analytic: Double
    /// What differences of values say.
    public let numeric: Double
    /// The difference relative to the larger of both, or to 1 where both are smaller.
    public let error: Double
    /// Whether finite differences of different width agree with one another: where they do not, the function has a kink or a
    /// jump nearby, or values so large that differences of them are mostly rounding, and nothing can be said.
    public let isSmooth: Bool
  }

  /// All comparisons, the worst first.
  public let comparisons: [Comparison]
  /// The largest error that passes.
  public let tolerance: Double

  init(_ comparisons: [Comparison], tolerance: Double) {
    self.comparisons = comparisons.sorted { $0.error > $1.error }
    self.tolerance = tolerance
  }

  /// The worst comparison at a smooth point.
  public var worst: Comparison? { comparisons.first(where: \.isSmooth) }

  /// Comparisons that say nothing, because the function is not smooth there.
  public var undecided: [Comparison] { comparisons.filter { !$0.isSmooth } }

  /// Whether every comparison at a smooth point is within the tolerance, and there was one.
  public var passes: Bool { worst.map { $0.error <= tolerance } ?? false }
}

extension GradientReport: CustomStringConvertible {
  public var description: String {
    let verdict = passes ? "passes" : "FAILS"
    var lines = ["gradient check \(verdict): \(comparisons.count) comparisons, tolerance \(tolerance)"]
    if let worst { lines.append("worst: \(worst)") }
    if !undecided.isEmpty { lines.append("not smooth at \(undecided.count) points, such as: \(undecided[0])") }
    return lines.joined(separator: "\n")
  }
}

extension GradientReport.Comparison: CustomStringConvertible {
  public var description: String {
    let place = index.map { "element \($0)" } ?? "a random direction"
    return "\(check), input \(input), \(place): analytic \(analytic), numeric \(numeric), error \(error)"
  }
}
