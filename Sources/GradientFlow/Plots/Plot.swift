public import UnrollArrays
public import UnrollFiles

/// A picture as data: labelled axes and the layers drawn between them, later ones over earlier ones.
///
/// It is written as an SVG file for documents and browsers, readable in light and in dark mode, or as text for a terminal.
///
///     let plot = Plot(title: "Gradients", xLabel: "steps back", yLabel: "norm", yScale: .logarithmic) {
///       Series("RNN", [1, 1e-2, 1e-4])
///       Series("LSTM", [1, 0.9, 0.81])
///     }
///     print(plot.terminal(columns: 72, rows: 18))
public struct Plot: Hashable, Sendable {
  /// How numbers become positions or colours.
  public enum Scale: Hashable, Sendable {
    /// Equal differences are equal distances.
    case linear
    /// Equal ratios are equal distances; only numbers above 0 have a place.
    case logarithmic
  }

  /// What lies between the axes.
  public enum Layer: Hashable, Sendable {
    /// A line, points or a path.
    case series(Series)
    /// Values by colour.
    case heatMap(HeatMap)
    /// Bars.
    case histogram(Histogram)
  }

  /// What stands above.
  public var title: String
  /// What the horizontal axis measures, with its unit.
  public var xLabel: String
  /// What the vertical axis measures, with its unit.
  public var yLabel: String
  /// The scale of the horizontal axis.
  public var xScale: Scale
  /// The scale of the vertical axis.
  public var yScale: Scale
  /// What is drawn, from back to front.
  public var layers: [Layer]

  /// A plot of layers made beforehand.
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

  /// A plot of the layers that a closure lists.
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

  /// The picture as an SVG document of so many pixels; the same plot gives the same text on every machine.
  ///
  ///     let text = Plot(title: "Loss") { Series("loss", [2.3, 1.1, 0.7]) }.svg(width: 640, height: 360)
  public func svg(width: Int = 720, height: Int = 420) -> String {
    PlotGrid(self).svg(width: width, height: height)
  }

  /// Writes the picture to an SVG file; its path shows the old contents or all of the new.
  ///
  ///     try Plot { Series("loss", [2.3, 1.1, 0.7]) }.write(to: "loss.svg")
  public func write(to path: String, width: Int = 720, height: Int = 420) throws(ArrayFileError) {
    try replaceFile(path, text: svg(width: width, height: height))
  }

  /// The picture as lines of text, at most so many columns wide, as high as `rows` and the legend below them.
  ///
  ///     print(Plot { Series("loss", [2.3, 1.1, 0.7]) }.terminal(columns: 60, rows: 12, characters: .ascii))
  public func terminal(
    columns: Int = 80, rows: Int = 20, color: Bool = false, characters: PlotCharacters = .unicode
  ) -> String {
    PlotGrid(self).terminal(columns: columns, rows: rows, color: color, characters: characters)
  }
}

/// The characters that a terminal plot is made of.
public enum PlotCharacters: Hashable, Sendable {
  /// Braille dots, blocks and box drawing.
  case unicode
  /// Printable ASCII; whatever else stands in titles and names becomes a question mark.
  case ascii
}
