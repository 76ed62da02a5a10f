import Testing
import UnrollGradientFlow
import UnrollTestSupport

/// What plots say about data that do not fit.
@Suite struct PlotMessageTests {
  @Test func series() async {
    let lengths = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Series("loss", x: [1, 2, 3], y: [1, 2])
    }
    #expect(stopSentence(lengths) == "Series \"loss\": 3 x do not fit 2 y")
    let empty = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { _ = Series("loss", []) }
    #expect(stopSentence(empty) == "Series \"loss\": there are no points")
  }

  @Test func heatMaps() async {
    let ragged = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = HeatMap([[1, 2], [3]], label: "gates")
    }
    #expect(stopSentence(ragged) == "HeatMap \"gates\": row 1 has 1 columns, row 0 has 2")
    let empty = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = HeatMap([[]], label: "gates")
    }
    #expect(stopSentence(empty) == "HeatMap \"gates\": there are no values")
    let area = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { _ = HeatMap([[1]], x: 2...2) }
    #expect(stopSentence(area) == "HeatMap \"\": x from 2.0 to 2.0 is not an area")
    let sampled = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = HeatMap(x: 0...1, y: 0...1, columns: 0) { x, y in x + y }
    }
    #expect(stopSentence(sampled) == "HeatMap \"\": 60 rows of 0 columns are not an area")
    let logarithmic = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Plot(title: "map", xScale: .logarithmic) { HeatMap([[1]]) }.svg()
    }
    #expect(stopSentence(logarithmic) == "Plot \"map\": a heat map from -0.5 cannot be shown on a logarithmic x axis")
  }

  @Test func histograms() async {
    let empty = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { _ = Histogram("w", []) }
    #expect(stopSentence(empty) == "Histogram \"w\": there are no values")
    let bins = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Histogram("w", [1], bins: 0)
    }
    #expect(stopSentence(bins) == "Histogram \"w\": a count of 0 bins is not positive")
  }

  @Test func grids() async {
    let empty = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { _ = PlotGrid(title: "g", []) }
    #expect(stopSentence(empty) == "PlotGrid \"g\": there are no plots")
    let columns = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = PlotGrid(title: "g", columns: 0, [Plot(layers: [])])
    }
    #expect(stopSentence(columns) == "PlotGrid \"g\": a count of 0 columns is not positive")
    let x = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = PlotGrid([Plot(layers: []), Plot(xScale: .logarithmic, layers: [])])
    }
    #expect(stopSentence(x) == "PlotGrid \"\": linear and logarithmic x axes cannot be shared")
    let y = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = PlotGrid([Plot(layers: []), Plot(yScale: .logarithmic, layers: [])])
    }
    #expect(stopSentence(y) == "PlotGrid \"\": linear and logarithmic y axes cannot be shared")
    let colors = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = PlotGrid([Plot { HeatMap([[1]]) }, Plot { HeatMap([[1]], scale: .logarithmic) }])
    }
    #expect(stopSentence(colors) == "PlotGrid \"\": linear and logarithmic colours cannot share a colour bar")
  }

  @Test func sizes() async {
    let pixels = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Plot(layers: []).svg(width: 10)
    }
    #expect(stopSentence(pixels) == "svg: 10 by 420 pixels are not from 120 by 90 to 20000 by 20000")
    let characters = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Plot(layers: []).terminal(columns: 10, rows: 4)
    }
    #expect(
      stopSentence(characters) == "terminal: 10 columns and 4 rows have no room for 1 by 1 plots of 16 by 5")
  }
}
