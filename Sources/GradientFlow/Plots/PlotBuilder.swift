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
