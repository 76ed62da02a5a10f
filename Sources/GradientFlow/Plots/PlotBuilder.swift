/// Collects the layers of a plot from the statements of a closure: series, heat maps, histograms, arrays of them, loops and
/// conditions.
@resultBuilder public enum PlotBuilder {
  /// A series becomes a layer.
  public static func buildExpression(_ series: Series) -> [Plot.Layer] { [.series(series)] }
  /// Every series of an array becomes a layer.
  public static func buildExpression(_ series: [Series]) -> [Plot.Layer] { series.map { .series($0) } }
  /// A heat map becomes a layer.
  public static func buildExpression(_ heatMap: HeatMap) -> [Plot.Layer] { [.heatMap(heatMap)] }
  /// A histogram becomes a layer.
  public static func buildExpression(_ histogram: Histogram) -> [Plot.Layer] { [.histogram(histogram)] }
  /// Statements follow one another.
  public static func buildBlock(_ layers: [Plot.Layer]...) -> [Plot.Layer] { layers.flatMap(\.self) }
  /// The rounds of a loop follow one another.
  public static func buildArray(_ layers: [[Plot.Layer]]) -> [Plot.Layer] { layers.flatMap(\.self) }
  /// A condition without `else` may give nothing.
  public static func buildOptional(_ layers: [Plot.Layer]?) -> [Plot.Layer] { layers ?? [] }
  /// A condition that holds.
  public static func buildEither(first layers: [Plot.Layer]) -> [Plot.Layer] { layers }
  /// A condition that does not hold.
  public static func buildEither(second layers: [Plot.Layer]) -> [Plot.Layer] { layers }
}
