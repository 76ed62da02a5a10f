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

extension SVGDocument {
  /// Draws one path per colour, made of runs of equal cells; if there are more cells than pixels, they are averaged first.
  mutating func draw(_ map: HeatMap, colors: Axis, _ panel: Figure.Panel, in frame: Frame) {
    let (x0, x1) = (edge(panel.x, map.x.lowerBound), edge(panel.x, map.x.upperBound))
    let (y0, y1) = (edge(panel.y, map.y.lowerBound), edge(panel.y, map.y.upperBound))
    let (width, height) = ((x1 - x0) * frame.width, (y1 - y0) * frame.height)
    let place = Frame(x: frame.x + x0 * frame.width, y: frame.bottom - y1 * frame.height, width: width, height: height)
    let steps = map.steps(colors, rows: max(1, Int(height)), columns: max(1, Int(width)))
    var paths = [String](repeating: "", count: ColorMap.steps)
    for (row, line) in steps.enumerated() {
      var column = 0
      while column < line.count {
        let start = column
        while column < line.count && line[column] == line[start] { column += 1 }
        guard let step = line[start] else { continue }
        paths[step] += "M\(start) \(steps.count - 1 - row)h\(column - start)v1h-\(column - start)z"
      }
    }
    scaled(place, columns: steps[0].count, rows: steps.count) { document in
      for (step, commands) in paths.enumerated() { document.area(commands, fill: .fixed(ColorMap.hexadecimal(step))) }
    }
  }

  private func edge(_ axis: Axis, _ value: Double) -> Double { axis.fraction(value) ?? 0 }
}

extension HeatMap {
  /// The colour step of each cell, nil if it has none, with at most the given rows and columns: merged cells take the mean of
  /// their steps.
  func steps(_ colors: Axis, rows: Int, columns: Int) -> [[Int?]] {
    let (height, width) = (values.count, values[0].count)
    let (rows, columns) = (min(rows, height), min(columns, width))
    return (0..<rows).map { row in
      let band = row * height / rows..<(row + 1) * height / rows
      return (0..<columns).map { column in
        var (sum, count) = (0.0, 0)
        for line in band {
          for value in values[line][column * width / columns..<(column + 1) * width / columns] {
            guard let fraction = colors.fraction(value) else { continue }
            sum += fraction
            count += 1
          }
        }
        return count == 0 ? nil : ColorMap.step(sum / Double(count))
      }
    }
  }
}

/// A subset of points, in pixels, that gives the same picture. If x never decreases, each column of pixels keeps its first,
/// lowest, highest and last point, so that no peak is lost. Otherwise points closer than a third of a pixel to the last one
/// kept are dropped.
func thinned(_ points: [PlacedSeries.Point], width: Double) -> [PlacedSeries.Point] {
  if points.count <= 4 * Int(width) { return points }
  let isOrdered = zip(points, points.dropFirst()).allSatisfy { $0.x <= $1.x }
  return isOrdered ? thinnedByColumn(points) : thinnedByDistance(points)
}

private func thinnedByColumn(_ points: [PlacedSeries.Point]) -> [PlacedSeries.Point] {
  var kept: [PlacedSeries.Point] = []
  var start = 0
  while start < points.count {
    let column = points[start].x.rounded(.down)
    var end = start + 1
    while end < points.count && points[end].x.rounded(.down) == column { end += 1 }
    let low = (start..<end).min { points[$0].y < points[$1].y } ?? start
    let high = (start..<end).max { points[$0].y < points[$1].y } ?? start
    for index in Set([start, low, high, end - 1]).sorted() { kept.append(points[index]) }
    start = end
  }
  return kept
}

private func thinnedByDistance(_ points: [PlacedSeries.Point]) -> [PlacedSeries.Point] {
  var kept: [PlacedSeries.Point] = []
  for (index, point) in points.enumerated() {
    if let last = kept.last, index + 1 < points.count {
      let (x, y) = (point.x - last.x, point.y - last.y)
      if x * x + y * y < 1 / 9.0 { continue }
    }
    kept.append(point)
  }
  return kept
}
