internal import UnrollArrays
public import UnrollFiles

/// A plot as data: labelled axes, and the layers drawn between them, later ones on top.
///
/// It can be rendered as an SVG file for documents and browsers, in light and dark mode, or as text for a terminal.
///
///     let plot = Plot(title: "Gradients", xLabel: "steps back", yLabel: "norm", yScale: .logarithmic) {
///       Series("RNN", [1, 1e-2, 1e-4])
///       Series("LSTM", [1, 0.9, 0.81])
///     }
///     print(plot.terminal(columns: 72, rows: 18))
public struct Plot: Hashable, Sendable {
  /// The mapping of numbers to positions or colours.
  public enum Scale: Hashable, Sendable {
    /// Equal differences have equal distances.
    case linear
    /// Equal ratios have equal distances; only numbers above 0 can be shown.
    case logarithmic
  }

  /// A layer of a plot.
  public enum Layer: Hashable, Sendable {
    /// A line, points or a path.
    case series(Series)
    /// Values by colour.
    case heatMap(HeatMap)
    /// Bars.
    case histogram(Histogram)
  }

  /// The title above the plot.
  public var title: String
  /// The label of the horizontal axis: the quantity and its unit.
  public var xLabel: String
  /// The label of the vertical axis: the quantity and its unit.
  public var yLabel: String
  /// The scale of the horizontal axis.
  public var xScale: Scale
  /// The scale of the vertical axis.
  public var yScale: Scale
  /// The layers, from back to front.
  public var layers: [Layer]

  /// A plot with the given layers.
  public init(
    title: String = "", xLabel: String = "", yLabel: String = "", xScale: Scale = .linear, yScale: Scale = .linear,
    layers: [Layer]
  ) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.xScale = xScale
    self.yScale = yScale
    self.layers = layers
  }

  /// A plot with the layers that a closure lists.
  ///
  ///     let lines = Plot(xLabel: "step") {
  ///       for rate in [0.5, 0.9] { Series("rate \(rate)", [1, rate, rate * rate]) }
  ///     }
  public init(
    title: String = "", xLabel: String = "", yLabel: String = "", xScale: Scale = .linear, yScale: Scale = .linear,
    @PlotBuilder _ layers: () -> [Layer]
  ) {
    self.init(title: title, xLabel: xLabel, yLabel: yLabel, xScale: xScale, yScale: yScale, layers: layers())
  }

  /// The plot as an SVG document with a size in pixels; the same plot gives the same text on every machine.
  ///
  ///     let text = Plot(title: "Loss") { Series("loss", [2.3, 1.1, 0.7]) }.svg(width: 640, height: 360)
  public func svg(width: Int = 720, height: Int = 420) -> String {
    PlotGrid(self).svg(width: width, height: height)
  }

  /// Writes the plot to an SVG file atomically: the path holds either the old contents or the complete new ones.
  ///
  ///     try Plot { Series("loss", [2.3, 1.1, 0.7]) }.write(to: "loss.svg")
  public func write(to path: String, width: Int = 720, height: Int = 420) throws(ArrayFileError) {
    try replaceFile(path, text: svg(width: width, height: height))
  }

  /// The plot as lines of text, at most `columns` wide and `rows` high, plus the legend below.
  ///
  ///     print(Plot { Series("loss", [2.3, 1.1, 0.7]) }.terminal(columns: 60, rows: 12, characters: .ascii))
  public func terminal(
    columns: Int = 80, rows: Int = 20, color: Bool = false, characters: PlotCharacters = .unicode
  ) -> String {
    PlotGrid(self).terminal(columns: columns, rows: rows, color: color, characters: characters)
  }
}

/// The characters of a terminal plot.
public enum PlotCharacters: Hashable, Sendable {
  /// Braille dots, blocks and box drawing.
  case unicode
  /// Printable ASCII; other characters in titles and names become question marks.
  case ascii
}
