internal import UnrollArrays

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
  public let values: [[Double]]
  /// The range from the left edge of the first column to the right edge of the last.
  public let x: ClosedRange<Double>
  /// The range from the lower edge of the first row to the upper edge of the last.
  public let y: ClosedRange<Double>
  /// The label of the colour bar.
  public let label: String
  /// The scale of the colours.
  public let scale: Plot.Scale

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
