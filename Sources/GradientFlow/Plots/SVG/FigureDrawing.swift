/// Draws a figure as an SVG document.
struct FigureDrawing {
  let figure: Figure
  let width: Double
  let height: Double
  let layout: FigureLayout
  private var document = SVGDocument()

  init(_ figure: Figure, width: Double, height: Double) {
    self.figure = figure
    self.width = width
    self.height = height
    layout = FigureLayout(figure, width: width, height: height)
  }

  consuming func svg() -> String {
    document.rectangle(Frame(x: 0, y: 0, width: width, height: height), fill: .paper)
    let all = area
    document.text(
      figure.title, x: all.x, y: FigureLayout.gap + 13, size: 14, isBold: true, room: width - all.x - FigureLayout.gap)
    if let label = figure.sharedXLabel {
      let place = all.x + all.width / 2
      document.text(
        label, x: place, y: height - FigureLayout.gap - 4, anchor: .middle, room: 2 * min(place, width - place))
    }
    if let label = figure.sharedYLabel {
      document.text(
        label, x: FigureLayout.gap + 11, y: all.y + all.height / 2, anchor: .middle, isUpright: true, room: all.height + 20)
    }
    for index in figure.panels.indices { drawPanel(index) }
    drawColorBar()
    document.drawLegend(of: figure, layout)
    return document.finished(width: width, height: height, title: figure.title)
  }

  /// The bounding box of all frames.
  private var area: Frame {
    let x = layout.frames[0].x
    return Frame(
      x: x, y: layout.frames[0].y, width: (layout.frames.map(\.right).max() ?? x) - x,
      height: layout.legend.height)
  }

  private mutating func drawPanel(_ index: Int) {
    let (panel, frame) = (figure.panels[index], layout.frames[index])
    let grid = figure.grid
    let hasMap = !panel.plot.heatMaps.isEmpty
    drawTicks(index, hasGrid: !hasMap)
    for (layer, color) in zip(panel.plot.layers, panel.colors) {
      switch layer {
      case .series(let series): document.draw(series, color, panel, in: frame)
      case .histogram(let histogram): document.draw(histogram, color, panel, in: frame)
      case .heatMap(let map):
        if let colors = figure.colors { document.draw(map, colors: colors, panel, in: frame) }
      }
    }
    document.rectangle(frame, stroke: .muted)
    if panel.isBlank {
      document.text(
        "no data", x: frame.x + frame.width / 2, y: frame.y + frame.height / 2 + 4, anchor: .middle, paint: .muted)
    }
    if figure.hasPanelTitles {
      document.text(panel.plot.title, x: frame.x, y: frame.y - 6, isBold: true, room: frame.width)
    }
    if figure.sharedXLabel == nil && (!grid.sharesX || isLowest(index)) {
      document.text(
        panel.plot.xLabel, x: frame.x + frame.width / 2, y: frame.bottom + 33, anchor: .middle, room: frame.width)
    }
    if figure.sharedYLabel == nil && (!grid.sharesY || index % grid.columns == 0) {
      document.text(
        panel.plot.yLabel, x: frame.x - layout.leftRoom[index] - 6, y: frame.y + frame.height / 2, anchor: .middle,
        isUpright: true, room: frame.height)
    }
  }

  /// Whether the plot is in the last row of its column.
  private func isLowest(_ index: Int) -> Bool { index + figure.grid.columns >= figure.panels.count }

  private mutating func drawTicks(_ index: Int, hasGrid: Bool) {
    let (panel, frame) = (figure.panels[index], layout.frames[index])
    let showsX = !figure.grid.sharesX || isLowest(index)
    let showsY = !figure.grid.sharesY || index % figure.grid.columns == 0
    var (lines, major, minor) = ("", "", "")
    for tick in layout.xTicks[index] {
      let x = pixels(frame.x + panel.x.fraction(position: tick.position) * frame.width)
      if tick.label.isEmpty {
        minor += "M\(x) \(pixels(frame.bottom))v2.5"
      } else {
        lines += "M\(x) \(pixels(frame.y))v\(pixels(frame.height))"
        major += "M\(x) \(pixels(frame.bottom))v\(pixels(FigureLayout.tickLength))"
      }
    }
    for tick in layout.yTicks[index] {
      let y = pixels(frame.bottom - panel.y.fraction(position: tick.position) * frame.height)
      if tick.label.isEmpty {
        minor += "M\(pixels(frame.x)) \(y)h-2.5"
      } else {
        lines += "M\(pixels(frame.x)) \(y)h\(pixels(frame.width))"
        major += "M\(pixels(frame.x)) \(y)h-\(pixels(FigureLayout.tickLength))"
      }
    }
    if hasGrid { document.path(lines, stroke: .grid) }
    document.path(major + minor, stroke: .muted)
    for tick in layout.xTicks[index] where showsX {
      document.text(
        tick.label, x: frame.x + panel.x.fraction(position: tick.position) * frame.width,
        y: frame.bottom + FigureLayout.tickLength + 12, anchor: .middle, paint: .muted, size: FigureLayout.tickSize)
    }
    for tick in layout.yTicks[index] where showsY {
      document.text(
        tick.label, x: frame.x - FigureLayout.tickLength - 3,
        y: frame.bottom - panel.y.fraction(position: tick.position) * frame.height + 4, anchor: .end, paint: .muted,
        size: FigureLayout.tickSize)
    }
  }

  private mutating func drawColorBar() {
    guard let bar = layout.bar, let colors = figure.colors else { return }
    document.scaled(bar, columns: 1, rows: ColorMap.steps) { document in
      for step in 0..<ColorMap.steps {
        document.area("M0 \(ColorMap.steps - 1 - step)h1v1h-1z", fill: .fixed(ColorMap.hexadecimal(step)))
      }
    }
    document.rectangle(bar, stroke: .muted)
    var widest = 0.0
    var marks = ""
    for tick in layout.colorTicks {
      let y = bar.bottom - colors.fraction(position: tick.position) * bar.height
      marks += "M\(pixels(bar.right)) \(pixels(y))h\(tick.label.isEmpty ? "2.5" : pixels(FigureLayout.tickLength))"
      document.text(
        tick.label, x: bar.right + FigureLayout.tickLength + 3, y: y + 4, paint: .muted, size: FigureLayout.tickSize)
      widest = max(widest, TextWidth.of(tick.label, size: FigureLayout.tickSize))
    }
    document.path(marks, stroke: .muted)
    var x = bar.right + FigureLayout.tickLength + 3 + widest
    for (label, paint) in [(figure.colorLabel, Paint.ink), (figure.blankNote, .muted)] where !label.isEmpty {
      x += 16
      document.text(
        label, x: x, y: bar.y + bar.height / 2, anchor: .middle, paint: paint, size: paint == .ink ? 12 : 11, isUpright: true,
        room: bar.height)
    }
  }
}

extension Figure.Panel {
  /// Whether the plot has nothing to show.
  var isBlank: Bool {
    plot.layers.allSatisfy { layer in
      switch layer {
      case .series(let series): PlacedSeries(series, x: x, y: y).runs.isEmpty
      case .heatMap(let map): map.values.joined().allSatisfy { map.scale.position($0) == nil }
      case .histogram(let histogram): histogram.counts.allSatisfy { $0 == 0 }
      }
    }
  }
}
