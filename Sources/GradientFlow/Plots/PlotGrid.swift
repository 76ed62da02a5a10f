internal import UnrollArrays
public import UnrollFiles

/// Small multiples: plots of one size in rows, by default with shared axes, so that they can be compared.
///
/// Series with the same name have the same colour in all plots and one entry in the legend; all heat maps share one colour bar.
///
///     let grid = PlotGrid(title: "Norms", columns: 2, [0.9, 1.1].map { rate in
///       Plot(title: "ρ = \(rate)") { Series("norm", [1, rate, rate * rate]) }
///     })
///     let text = grid.svg(width: 800, height: 300)
public struct PlotGrid: Hashable, Sendable {
  /// The title above all plots.
  package let title: String
  /// The number of plots in a row.
  package let columns: Int
  /// Whether all plots share the same horizontal axis.
  package let sharesX: Bool
  /// Whether all plots share the same vertical axis.
  package let sharesY: Bool
  /// The plots, row by row.
  package let plots: [Plot]

  /// A grid of at least one plot; without a number of columns it is nearly square. Shared axes need equal scales.
  public init(title: String = "", columns: Int? = nil, sharesX: Bool = true, sharesY: Bool = true, _ plots: [Plot]) {
    require(!plots.isEmpty, "PlotGrid \"\(title)\": there are no plots")
    require((columns ?? 1) > 0, "PlotGrid \"\(title)\": a count of \(columns ?? 1) columns is not positive")
    require(
      !sharesX || Set(plots.map(\.xScale)).count == 1, "PlotGrid \"\(title)\": linear and logarithmic x axes cannot be shared")
    require(
      !sharesY || Set(plots.map(\.yScale)).count == 1, "PlotGrid \"\(title)\": linear and logarithmic y axes cannot be shared")
    let colors = Set(plots.flatMap(\.heatMaps).map(\.scale))
    require(colors.count < 2, "PlotGrid \"\(title)\": linear and logarithmic colours cannot share a colour bar")
    self.title = title
    self.columns = min(plots.count, columns ?? Int(Double(plots.count).squareRoot().rounded(.up)))
    self.sharesX = sharesX
    self.sharesY = sharesY
    self.plots = plots
  }

  init(_ plot: Plot) { self.init(title: plot.title, columns: 1, [plot]) }

  var rows: Int { (plots.count + columns - 1) / columns }

  /// The grid as an SVG document with a size in pixels.
  public func svg(width: Int = 900, height: Int = 600) -> String {
    require(
      width >= 120 && height >= 90 && width <= 20_000 && height <= 20_000,
      "svg: \(width) by \(height) pixels are not from 120 by 90 to 20000 by 20000")
    return FigureDrawing(Figure(self), width: Double(width), height: Double(height)).svg()
  }

  /// Writes the grid to an SVG file atomically: the path holds either the old contents or the complete new ones.
  public func write(to path: String, width: Int = 900, height: Int = 600) throws(ArrayFileError) {
    try replaceFile(path, text: svg(width: width, height: height))
  }

  /// The grid as text, at most `columns` wide; the rows of plots share the given number of text rows.
  public func terminal(
    columns width: Int = 100, rows height: Int = 40, color: Bool = false, characters: PlotCharacters = .unicode
  ) -> String {
    let figure = Figure(self)
    return TerminalGrid(figure: figure, columns: width, rows: height, color: color, characters: characters).text()
  }
}
