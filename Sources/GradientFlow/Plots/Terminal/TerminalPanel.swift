/// Draws one plot on a canvas of characters: its labels, frame, ticks and layers.
struct TerminalPanel {
  let panel: Figure.Panel
  let figure: Figure
  let color: Bool
  let characters: PlotCharacters
  private(set) var canvas: TextCanvas
  /// The area between the axes.
  private let left: Int
  private let top: Int
  private let columns: Int
  private let rows: Int
  private let yTicks: [Tick]
  /// The lines of the title and of the labels.
  private let title: [String]
  private let yLabel: [String]
  private let xLabel: [String]

  /// The minimum height of a plot, which labels with several lines must leave.
  static let leastRows = 8

  init(_ panel: Figure.Panel, of figure: Figure, columns: Int, rows: Int, color: Bool, _ characters: PlotCharacters) {
    self.panel = panel
    self.figure = figure
    self.color = color
    self.characters = characters
    canvas = TextCanvas(columns: columns, rows: rows)
    // Labels wider than the plot continue on further lines, as long as the plot keeps its minimum height.
    var spare = max(0, rows - TerminalPanel.leastRows)
    func lines(_ text: String, _ columns: Int) -> [String] {
      if text.isEmpty { return [] }
      let lines = text.shown(characters).wrapped(columns, lines: 1 + spare, characters)
      spare -= lines.count - 1
      return lines
    }
    title = figure.hasPanelTitles ? lines(panel.plot.title, columns) : []
    yLabel = lines(panel.plot.yLabel, columns)
    xLabel = lines(panel.plot.xLabel, columns)
    top = (figure.hasPanelTitles ? max(1, title.count) : 0) + yLabel.count
    self.rows = max(1, rows - top - 2 - xLabel.count)
    yTicks = panel.y.ticks(characters, length: Double(self.rows), least: 3, gap: 1) { _ in 1 }
    left = (yTicks.map(\.label.count).max() ?? 0) + 1
    self.columns = max(1, columns - left - (figure.hasLetters(color, characters) ? 2 : 0))
    draw()
  }

  private mutating func draw() {
    let plot = panel.plot
    for (row, line) in title.enumerated() { canvas.write(line, min(left, canvas.columns - line.count), row) }
    for (row, line) in yLabel.enumerated() { canvas.write(line, 0, top - yLabel.count + row) }
    drawAxes()
    for (layer, index) in zip(plot.layers, panel.colors) {
      switch layer {
      case .series(let series): draw(series, index)
      case .heatMap(let map): draw(map)
      case .histogram(let histogram): draw(histogram, index)
      }
    }
    if panel.isBlank { canvas.write("no data", left + max(0, columns / 2 - 3), top + rows / 2) }
    if figure.hasLetters(color, characters) { drawLetters() }
  }

  private mutating func drawAxes() {
    let isASCII = characters == .ascii
    let grid = DotGrid(columns: columns, rows: rows, characters)
    for row in 0..<rows { canvas.write(isASCII ? "|" : "│", left - 1, top + row) }
    canvas.write((isASCII ? "+" : "└") + String(repeating: isASCII ? "-" : "─", count: columns), left - 1, top + rows)
    for tick in yTicks where !tick.label.isEmpty {
      let row = top + grid.cell(.init(x: 0, y: panel.y.fraction(position: tick.position))).row
      canvas.write(tick.label, left - 1 - tick.label.count, row)
      canvas.write(isASCII ? "+" : "┤", left - 1, row)
    }
    let xTicks = panel.x.ticks(characters, length: Double(columns), least: 8, gap: 2) { Double($0.count) }
    for tick in xTicks where !tick.label.isEmpty {
      let column = left + grid.cell(.init(x: panel.x.fraction(position: tick.position), y: 0)).column
      canvas.write(isASCII ? "+" : "┬", column, top + rows)
      let start = min(max(0, column - tick.label.count / 2), canvas.columns - tick.label.count)
      canvas.write(tick.label, start, top + rows + 1)
    }
    for (row, line) in xLabel.enumerated() {
      let start = left + (columns - line.count) / 2
      canvas.write(line, min(max(0, start), canvas.columns - line.count), top + rows + 2 + row)
    }
  }

  private mutating func draw(_ series: Series, _ index: Int) {
    let placed = PlacedSeries(series, x: panel.x, y: panel.y)
    var grid = DotGrid(columns: columns, rows: rows, characters)
    let ink = TextCanvas.Ink.palette(Palette.terminal[index % Palette.terminal.count])
    if series.style == .path { return drawPath(placed, grid) }
    for run in placed.runs {
      for point in run {
        let dot = grid.dot(point)
        grid.set(dot.x, dot.y)
      }
      if series.style == .line { for (a, b) in zip(run, run.dropFirst()) { grid.line(from: a, to: b) } }
    }
    for (cell, pattern) in grid.patterns.enumerated() where pattern != 0 {
      let character = characters == .ascii ? Figure.symbol(index) : Character(Unicode.Scalar(0x2800 + pattern) ?? "?")
      canvas.write(String(character), left + cell % columns, top + cell / columns, ink: ink)
    }
    for (places, row, mark) in [(placed.below, rows - 1, "▾v"), (placed.above, 0, "▴^")] {
      for x in places {
        let character = characters == .ascii ? mark.last : mark.first
        canvas.write(character.map(String.init) ?? "", left + grid.cell(.init(x: x, y: 0)).column, top + row, ink: ink)
      }
    }
  }

  /// Draws a path, keeping the colours below it.
  private mutating func drawPath(_ placed: PlacedSeries, _ grid: DotGrid) {
    let points = placed.runs.flatMap(\.self)
    for (index, point) in points.enumerated() {
      let (column, row) = grid.cell(point)
      let isLast = index + 1 == points.count
      canvas[left + column, top + row].character = characters == .ascii ? (isLast ? "O" : "o") : (isLast ? "◉" : "●")
      canvas[left + column, top + row].ink = .palette(231)
    }
  }

  private mutating func draw(_ map: HeatMap) {
    guard let colors = figure.colors else { return }
    for row in 0..<rows {
      guard let y = share((Double(rows - row) - 0.5) / Double(rows), map.y, panel.y) else { continue }
      for column in 0..<columns {
        guard let x = share((Double(column) + 0.5) / Double(columns), map.x, panel.x) else { continue }
        let line = map.values[min(Int(y * Double(map.values.count)), map.values.count - 1)]
        let value = line[min(Int(x * Double(line.count)), line.count - 1)]
        canvas[left + column, top + row] = Figure.shade(colors.fraction(value), color: color, characters)
      }
    }
  }

  /// The place of an axis position within a range, from 0 to 1; nil outside.
  private func share(_ fraction: Double, _ range: ClosedRange<Double>, _ axis: Axis) -> Double? {
    guard let lower = axis.fraction(range.lowerBound), let upper = axis.fraction(range.upperBound) else { return nil }
    let share = (fraction - lower) / (upper - lower)
    return (0...1).contains(share) ? share : nil
  }

  private mutating func draw(_ histogram: Histogram, _ index: Int) {
    let ink = TextCanvas.Ink.palette(Palette.terminal[index % Palette.terminal.count])
    for column in 0..<columns {
      let place = (Double(column) + 0.5) / Double(columns)
      let found = histogram.counts.indices.first { bin in
        place >= (panel.x.fraction(histogram.edges[bin]) ?? 0) && place < (panel.x.fraction(histogram.edges[bin + 1]) ?? 0)
      }
      guard let bin = found, histogram.counts[bin] > 0 else { continue }
      let height = panel.y.fraction(Double(histogram.counts[bin])) ?? 0
      let eighths = max(1, Int((height * Double(8 * rows)).rounded()))
      for row in 0..<rows where eighths > 8 * row {
        let filled = min(8, eighths - 8 * row)
        if characters == .ascii && filled < 4 && row > 0 { continue }
        let block = Character(Unicode.Scalar(0x2580 + UInt32(filled)) ?? "?")
        canvas.write(
          String(characters == .ascii ? Figure.symbol(index, of: "#%=o") : block), left + column, top + rows - 1 - row, ink: ink
        )
      }
    }
  }

  /// Draws one letter at the right end of each line, moved up or down to avoid collisions.
  private mutating func drawLetters() {
    let grid = DotGrid(columns: columns, rows: rows, characters)
    var taken: Set<Int> = []
    for (layer, index) in zip(panel.plot.layers, panel.colors) {
      guard case .series(let series) = layer, series.style != .path else { continue }
      guard let last = PlacedSeries(series, x: panel.x, y: panel.y).last else { continue }
      let row = grid.cell(last).row
      let free = (0..<rows).filter { !taken.contains($0) }.min { (abs($0 - row), $0) < (abs($1 - row), $1) }
      guard let free else { continue }
      taken.insert(free)
      canvas.write(Figure.letter(index), left + columns + 1, top + free)
    }
  }
}
