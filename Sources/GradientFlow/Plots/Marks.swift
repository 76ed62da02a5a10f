internal import UnrollArrays

/// Points (xᵢ, yᵢ) with one name, connected in the given order.
///
/// The line is interrupted where a coordinate is not finite, or not above 0 on a logarithmic axis; the legend counts these
/// points, and marks at the edges show where they are.
///
///     let norms = Series("gradient norm", [1, 0.9, 0.81])
///     let timed = Series("loss", x: [0, 10, 20], y: [2.3, 1.1, 0.7], style: .points)
public struct Series: Hashable, Sendable {
  /// The style of a series.
  public enum Style: Hashable, Sendable {
    /// A line through the points.
    case line
    /// A dot at every point.
    case points
    /// A line with dots, in black and white so that it stands out from a heat map; a ring marks the last point.
    case path
  }

  /// The name in the legend; an empty name omits the series from it.
  package let name: String
  /// The abscissas: `[points]`.
  package let x: [Double]
  /// The ordinates: `[points]`.
  package let y: [Double]
  /// The style of the series.
  package let style: Style

  /// A series of points; x and y must have the same count, at least one.
  public init(_ name: String, x: [Double], y: [Double], style: Style = .line) {
    require(x.count == y.count, "Series \"\(name)\": \(x.count) x do not fit \(y.count) y")
    require(!x.isEmpty, "Series \"\(name)\": there are no points")
    self.name = name
    self.x = x
    self.y = y
    self.style = style
  }

  /// A series over 0, 1, 2 and so on.
  public init(_ name: String, _ y: [Double], style: Style = .line) {
    self.init(name, x: y.indices.map(Double.init), y: y, style: style)
  }
}

/// The counts of numbers in bins of equal width. A bin includes its lower edge, and the last one also its upper edge.
///
///     let weights = Histogram("weights", [0.1, -0.2, 0.05, 0.4, 0.12], bins: 4)
///     print(weights.counts)
public struct Histogram: Hashable, Sendable {
  /// The name in the legend.
  package let name: String
  /// The edges of the bins, ascending: `[bins + 1]`.
  public let edges: [Double]
  /// The number of values in each bin: `[bins]`.
  public let counts: [Int]
  /// The number of values that are in no bin because they are not finite.
  public let excluded: Int

  /// A histogram of at least one number. Without a number of bins, their edges are round numbers (multiples of 1, 2 or 5 times
  /// a power of ten), and there are about √n bins, at most 60.
  public init(_ name: String, _ values: [Double], bins: Int? = nil) {
    require(!values.isEmpty, "Histogram \"\(name)\": there are no values")
    require((bins ?? 1) > 0, "Histogram \"\(name)\": a count of \(bins ?? 1) bins is not positive")
    let finite = values.filter { $0.magnitude <= Extent.limit }
    var extent = Extent()
    for value in finite { extent.include(value) }
    let range = extent.widened(by: 0)
    if let bins {
      let width = (range.upper - range.lower) / Double(bins)
      edges = (0..<bins).map { range.lower + Double($0) * width } + [range.upper]
    } else {
      let wanted = min(60, max(5, Int(Double(finite.count).squareRoot().rounded(.up))))
      edges = NiceStep(span: range.upper - range.lower, atMost: wanted).multiples(around: range).map(\.value)
    }
    var counts = [Int](repeating: 0, count: edges.count - 1)
    for value in finite {
      let position = (value - edges[0]) / (edges[counts.count] - edges[0]) * Double(counts.count)
      var bin = min(max(Int(position), 0), counts.count - 1)
      // The quotient is rounded, so that it may disagree with the edges; the edges decide.
      if value < edges[bin] { bin = max(bin - 1, 0) }
      if bin + 1 < counts.count && value >= edges[bin + 1] { bin += 1 }
      counts[bin] += 1
    }
    self.name = name
    self.counts = counts
    excluded = values.count - finite.count
  }
}

/// Values over a rectangle, `[rows, columns]`, shown by colour; the first row is at the bottom.
///
/// Cells without a colour (not finite, or not above 0 on a logarithmic scale) are left blank and counted beside the colour bar.
/// The cells divide the drawn rectangle evenly, on logarithmic axes too.
///
///     let saturation = HeatMap([[0.1, 0.2, 0.4], [0.3, 0.6, 0.9]], label: "share saturated")
///     let surface = HeatMap(x: -2...2, y: -1...3, label: "loss", scale: .logarithmic) { x, y in
///       (1 - x) * (1 - x) + 100 * (y - x * x) * (y - x * x)
///     }
public struct HeatMap: Hashable, Sendable {
  /// The values, by row from the bottom and by column from the left: `[rows][columns]`.
  package let values: [[Double]]
  /// The range from the left edge of the first column to the right edge of the last.
  package let x: ClosedRange<Double>
  /// The range from the lower edge of the first row to the upper edge of the last.
  package let y: ClosedRange<Double>
  /// The label of the colour bar.
  package let label: String
  /// The scale of the colours.
  package let scale: Plot.Scale

  /// A heat map of rows of equal length; without ranges the cells are centred at 0, 1, 2 and so on.
  public init(
    _ values: [[Double]], x: ClosedRange<Double>? = nil, y: ClosedRange<Double>? = nil, label: String = "",
    scale: Plot.Scale = .linear
  ) {
    let columns = values.first?.count ?? 0
    require(columns > 0, "HeatMap \"\(label)\": there are no values")
    for (row, line) in values.enumerated() {
      require(line.count == columns, "HeatMap \"\(label)\": row \(row) has \(line.count) columns, row 0 has \(columns)")
    }
    self.values = values
    self.x = x ?? -0.5...Double(columns) - 0.5
    self.y = y ?? -0.5...Double(values.count) - 0.5
    self.label = label
    self.scale = scale
    for (name, range) in [("x", self.x), ("y", self.y)] {
      require(
        range.lowerBound.isFinite && range.upperBound.isFinite && range.lowerBound < range.upperBound,
        "HeatMap \"\(label)\": \(name) from \(range.lowerBound) to \(range.upperBound) is not an area")
    }
  }

  /// A heat map of a function, sampled at the centres of the cells.
  public init(
    x: ClosedRange<Double>, y: ClosedRange<Double>, columns: Int = 60, rows: Int = 60, label: String = "",
    scale: Plot.Scale = .linear, of function: (_ x: Double, _ y: Double) -> Double
  ) {
    require(columns > 0 && rows > 0, "HeatMap \"\(label)\": \(rows) rows of \(columns) columns are not an area")
    let width = (x.upperBound - x.lowerBound) / Double(columns)
    let height = (y.upperBound - y.lowerBound) / Double(rows)
    let values = (0..<rows).map { row in
      (0..<columns).map { column in
        function(x.lowerBound + (Double(column) + 0.5) * width, y.lowerBound + (Double(row) + 0.5) * height)
      }
    }
    self.init(values, x: x, y: y, label: label, scale: scale)
  }
}
