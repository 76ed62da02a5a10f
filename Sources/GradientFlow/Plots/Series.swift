internal import UnrollArrays

/// Points (xᵢ, yᵢ) under one name, drawn as a line in the order given.
///
/// The line is broken where a coordinate is not finite, or not above 0 on a logarithmic axis; the legend says how many such
/// points there are, and marks at the edges show where.
///
///     let norms = Series("gradient norm", [1, 0.9, 0.81])
///     let timed = Series("loss", x: [0, 10, 20], y: [2.3, 1.1, 0.7], style: .points)
public struct Series: Hashable, Sendable {
  /// How points are drawn.
  public enum Style: Hashable, Sendable {
    /// A line through the points.
    case line
    /// A dot at every point.
    case points
    /// A line with dots, in black and white that stand out from a heat map; a ring marks the last point.
    case path
  }

  /// What the legend calls it; nothing leaves it out of the legend.
  public let name: String
  /// The abscissas: `[points]`.
  public let x: [Double]
  /// The ordinates: `[points]`.
  public let y: [Double]
  /// How it is drawn.
  public let style: Style

  /// A series of as many x as y, at least one.
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
