extension SVGDocument {
  mutating func draw(_ series: Series, _ color: Int, _ panel: Figure.Panel, in frame: Frame) {
    let placed = PlacedSeries(series, x: panel.x, y: panel.y)
    let runs = placed.runs.map { run in
      thinned(
        run.map { .init(x: frame.x + $0.x * frame.width, y: frame.bottom - $0.y * frame.height) }, width: frame.width)
    }
    switch series.style {
    case .line: drawLine(runs, color)
    case .points: area(runs.joined().map { disc($0, radius: 2.5) }.joined(), fill: .series(color))
    case .path: drawPath(runs)
    }
    let marks =
      placed.below.map { triangle(frame.x + $0 * frame.width, frame.bottom - 1, down: true) }
      + placed.above.map { triangle(frame.x + $0 * frame.width, frame.y + 1, down: false) }
    area(distinct(marks).joined(), fill: .series(color))
  }

  private mutating func drawLine(_ runs: [[PlacedSeries.Point]], _ color: Int) {
    path(
      runs.filter { $0.count > 1 }.map(line).joined(), stroke: .series(color), width: 1.8, dash: Palette.dash(color),
      rounded: true)
    // A point between two gaps gets a disc, because it has no line.
    area(runs.filter { $0.count == 1 }.map { disc($0[0], radius: 2.5) }.joined(), fill: .series(color))
  }

  private mutating func drawPath(_ runs: [[PlacedSeries.Point]]) {
    let lines = runs.filter { $0.count > 1 }.map(line).joined()
    path(lines, stroke: .fixed("#000000"), width: 3.6, rounded: true)
    path(lines, stroke: .fixed("#ffffff"), width: 1.6, rounded: true)
    let points = runs.flatMap(\.self)
    let apart = points.reduce(into: [PlacedSeries.Point]()) { kept, point in
      if let last = kept.last, abs(point.x - last.x) < 7 && abs(point.y - last.y) < 7 { return }
      kept.append(point)
    }
    area(apart.map { disc($0, radius: 3.5) }.joined(), fill: .fixed("#000000"))
    area(apart.map { disc($0, radius: 2.4) }.joined(), fill: .fixed("#ffffff"))
    if let last = points.last {
      path(disc(last, radius: 6), stroke: .fixed("#000000"), width: 4)
      path(disc(last, radius: 6), stroke: .fixed("#ffffff"), width: 1.8)
    }
  }

  mutating func draw(_ histogram: Histogram, _ color: Int, _ panel: Figure.Panel, in frame: Frame) {
    var bars = ""
    for (bin, count) in histogram.counts.enumerated() where count > 0 {
      guard let top = panel.y.fraction(Double(count)), let right = panel.x.fraction(histogram.edges[bin + 1]) else { continue }
      let left = panel.x.fraction(histogram.edges[bin]) ?? 0
      let base = panel.y.fraction(0) ?? 0
      let (x, y) = (frame.x + left * frame.width, frame.bottom - top * frame.height)
      let bottom = frame.bottom - base * frame.height
      bars += "M\(pixels(x)) \(pixels(bottom))V\(pixels(y))H\(pixels(frame.x + right * frame.width))V\(pixels(bottom))z"
    }
    area(bars, fill: .series(color), opacity: 0.4)
    path(bars, stroke: .series(color))
  }

  private func line(_ points: [PlacedSeries.Point]) -> String {
    var commands = ""
    var last = ""
    for point in points {
      let place = "\(pixels(point.x)) \(pixels(point.y))"
      if place == last { continue }
      commands += (commands.isEmpty ? "M" : last.isEmpty ? "" : "L") + place
      last = place
    }
    return commands
  }

  private func triangle(_ x: Double, _ y: Double, down: Bool) -> String {
    "M\(pixels(x)) \(pixels(y))l-4 \(down ? -7 : 7)h8z"
  }

  private func distinct(_ marks: [String]) -> [String] {
    var seen: Set<String> = []
    return marks.filter { seen.insert($0).inserted }
  }
}

/// A circle as a path, so that many of them can be one element.
func disc(_ centre: PlacedSeries.Point, radius: Double) -> String {
  let (r, across) = (pixels(radius), pixels(2 * radius))
  return "M\(pixels(centre.x - radius)) \(pixels(centre.y))a\(r) \(r) 0 1 0 \(across) 0a\(r) \(r) 0 1 0 -\(across) 0z"
}
