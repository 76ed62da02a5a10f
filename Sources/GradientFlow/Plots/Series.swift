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
  public let name: String
  /// The abscissas: `[points]`.
  public let x: [Double]
  /// The ordinates: `[points]`.
  public let y: [Double]
  /// The style of the series.
  public let style: Style

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
