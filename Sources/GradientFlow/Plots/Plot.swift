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

/// Collects the layers of a plot from the statements of a closure: series, heat maps, histograms, arrays, loops and conditions.
@resultBuilder public enum PlotBuilder {
  /// A series is a layer.
  public static func buildExpression(_ series: Series) -> [Plot.Layer] { [.series(series)] }
  /// Each series of an array is a layer.
  public static func buildExpression(_ series: [Series]) -> [Plot.Layer] { series.map { .series($0) } }
  /// A heat map is a layer.
  public static func buildExpression(_ heatMap: HeatMap) -> [Plot.Layer] { [.heatMap(heatMap)] }
  /// A histogram is a layer.
  public static func buildExpression(_ histogram: Histogram) -> [Plot.Layer] { [.histogram(histogram)] }
  /// The layers of consecutive statements.
  public static func buildBlock(_ layers: [Plot.Layer]...) -> [Plot.Layer] { layers.flatMap(\.self) }
  /// The layers of the iterations of a loop.
  public static func buildArray(_ layers: [[Plot.Layer]]) -> [Plot.Layer] { layers.flatMap(\.self) }
  /// The layers of an `if` without `else`; none if the condition is false.
  public static func buildOptional(_ layers: [Plot.Layer]?) -> [Plot.Layer] { layers ?? [] }
  /// The layers of the first branch.
  public static func buildEither(first layers: [Plot.Layer]) -> [Plot.Layer] { layers }
  /// The layers of the second branch.
  public static func buildEither(second layers: [Plot.Layer]) -> [Plot.Layer] { layers }
}

/// Estimated widths of text in a sans-serif font. The widths are those of the widest common font (DejaVu Sans), so that a label
/// never needs more room than estimated.
enum TextWidth {
  /// The widths from space to tilde, in thousandths of the font size.
  private static let widths: [Double] = [
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636, 636, 636, 636, 636,
    636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603,
    787,
    695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278,
    579, 278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
  ]

  static func of(_ text: String, size: Double) -> Double {
    text.reduce(0) { $0 + width($1) } * size / 1000
  }

  /// The text, or as much of it as fits, followed by an ellipsis.
  static func fitted(_ text: String, size: Double, width limit: Double) -> String {
    // Room that was computed from this text's width, plus and minus a margin, may be slightly smaller because of rounding.
    let limit = limit + 0.01
    if of(text, size: size) <= limit { return text }
    var kept = Substring(text)
    while !kept.isEmpty && of(kept + "…", size: size) > limit { kept = kept.dropLast() }
    return kept + "…"
  }

  private static func width(_ character: Character) -> Double {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    switch scalar.value {
    case 32...126: return widths[Int(scalar.value) - 32]
    case 0..<32, 0x300..<0x370: return 0
    case 0x2070...0x208E, 0xB2, 0xB3, 0xB9: return 530
    case 0x1100...0x115F, 0x2E80...0xFFDC, 0x1F000...0x3FFFF: return 1050
    default: return 840
    }
  }
}
