/// The result of a gradient check.
public struct GradientReport: Sendable {
  /// An analytic derivative and its numeric counterpart.
  public struct Comparison: Sendable {
    /// The derivative: its mode and order.
    public let check: String
    /// The index of the input tensor, in the order of `visitTensors`.
    public let input: Int
    /// The element, nil for a derivative along a random direction.
    public let index: [Int]?
    /// The derivative by the rules.
    public let analytic: Double
    /// The derivative by finite differences.
    public let numeric: Double
    /// The difference relative to the larger of both, or to 1 where both are smaller.
    public let error: Double
    /// Whether finite differences of different widths agree. Where they do not, the function has a kink or a jump nearby, or
    /// values so large that their differences are mostly rounding error, and the comparison is meaningless.
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

  /// Comparisons without meaning, because the function is not smooth there.
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
