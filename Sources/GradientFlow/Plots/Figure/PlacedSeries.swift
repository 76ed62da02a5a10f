/// The points of a series as fractions of the lengths of the plot's axes.
struct PlacedSeries {
  struct Point: Equatable {
    var x: Double
    var y: Double
  }

  /// The runs of points without gaps.
  private(set) var runs: [[Point]] = []
  /// The positions of points below the lower edge: at or below 0 on a logarithmic axis, or at -∞.
  private(set) var below: [Double] = []
  /// The positions of points above the upper edge, at +∞.
  private(set) var above: [Double] = []
  private(set) var omissions = Omissions()

  init(_ series: Series, x xAxis: Axis, y yAxis: Axis) {
    var run: [Point] = []
    for (x, y) in zip(series.x, series.y) {
      omissions.note(x, xAxis.scale, y, yAxis.scale)
      guard let horizontal = xAxis.fraction(x), let vertical = yAxis.fraction(y) else {
        if !run.isEmpty { runs.append(run) }
        run = []
        if let horizontal = xAxis.fraction(x) {
          if y > Extent.limit { above.append(horizontal) } else if !y.isNaN { below.append(horizontal) }
        }
        continue
      }
      run.append(Point(x: horizontal, y: vertical))
    }
    if !run.isEmpty { runs.append(run) }
  }

  var last: Point? { runs.last?.last }
}

/// The number of values that cannot be shown, by reason.
struct Omissions: Hashable {
  var notPositive = 0
  var notFinite = 0

  mutating func note(_ value: Double, _ scale: Plot.Scale) {
    if !(value.magnitude <= Extent.limit) {
      notFinite += 1
    } else if scale == .logarithmic && value <= 0 {
      notPositive += 1
    }
  }

  mutating func note(_ x: Double, _ xScale: Plot.Scale, _ y: Double, _ yScale: Plot.Scale) {
    var point = Omissions()
    point.note(x, xScale)
    point.note(y, yScale)
    if point.notFinite > 0 { notFinite += 1 } else if point.notPositive > 0 { notPositive += 1 }
  }

  static func + (a: Omissions, b: Omissions) -> Omissions {
    Omissions(notPositive: a.notPositive + b.notPositive, notFinite: a.notFinite + b.notFinite)
  }

  /// The counts as text; empty if there are none.
  func text(_ characters: PlotCharacters) -> String {
    var parts: [String] = []
    if notPositive > 0 { parts.append("\(notPositive) \(characters == .unicode ? "≤" : "<=") 0") }
    if notFinite > 0 { parts.append("\(notFinite) not finite") }
    return parts.joined(separator: ", ")
  }
}
