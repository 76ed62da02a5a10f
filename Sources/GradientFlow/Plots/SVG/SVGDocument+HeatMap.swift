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
