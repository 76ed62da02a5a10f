internal import UnrollArrays

/// Arranges the plots of a figure as text in rows, with the legend below.
struct TerminalGrid {
  let figure: Figure
  let columns: Int
  let rows: Int
  let color: Bool
  let characters: PlotCharacters

  func text() -> String {
    let grid = figure.grid
    let width = (columns - 2 * (grid.columns - 1)) / grid.columns
    // The legend gets the lines that the plots do not need for their minimum height, and at least one.
    let room = max(1, rows - TerminalPanel.leastRows * grid.rows)
    let title = figure.title.isEmpty ? [] : figure.title.shown(characters).wrapped(columns, lines: room, characters)
    let height = (rows - title.count) / grid.rows
    require(
      width >= 16 && height >= 5 && columns <= 1000 && rows <= 1000,
      "terminal: \(columns) columns and \(rows) rows have no room for \(grid.rows) by \(grid.columns) plots of 16 by 5")
    var canvas = TextCanvas(columns: columns, rows: title.count + grid.rows * height)
    for (row, line) in title.enumerated() { canvas.write(line, max(0, (columns - line.count) / 2), row) }
    for (index, panel) in figure.panels.enumerated() {
      let (row, column) = index.quotientAndRemainder(dividingBy: grid.columns)
      let drawn = TerminalPanel(panel, of: figure, columns: width, rows: height, color: color, characters).canvas
      canvas.copy(drawn, column * (width + 2), title.count + row * height)
    }
    return (canvas.lines(color: color) + colorLine() + legend()).map { $0 + "\n" }.joined()
  }

  private func legend() -> [String] {
    var lines: [String] = []
    var canvas = TextCanvas(columns: columns, rows: 1)
    var place = 0
    for entry in figure.entries {
      let note = entry.omissions.text(characters)
      let name = entry.name.shown(characters) + (note.isEmpty ? "" : (entry.name.isEmpty ? "" : " ") + "(\(note))")
      let text = figure.mark(entry, color: color, characters) + " " + name
      let parts = text.wrapped(columns)
      if place > 0 && (parts.count > 1 || place + text.count > columns) {
        lines += canvas.lines(color: color)
        canvas = TextCanvas(columns: columns, rows: 1)
        place = 0
      }
      canvas.write(parts[0], place, 0)
      if color { canvas[place, 0].ink = .palette(Palette.terminal[entry.color % Palette.terminal.count]) }
      place += parts[0].count + 3
      if parts.count > 1 {
        lines += canvas.lines(color: color) + parts.dropFirst()
        canvas = TextCanvas(columns: columns, rows: 1)
        place = 0
      }
    }
    return place == 0 ? lines : lines + canvas.lines(color: color)
  }

  /// The colour bar: its label, the shades from the lowest to the highest value, and ticks below.
  private func colorLine() -> [String] {
    guard let colors = figure.colors else { return [] }
    let label = figure.colorLabel.shown(characters)
    let blank = figure.blank.text(characters)
    let ticks = colors.ticks(atMost: 5, characters).filter { !$0.label.isEmpty }
    var canvas = TextCanvas(columns: columns, rows: 2)
    let width = min(40, columns)
    for column in 0..<width {
      canvas[column, 0] = Figure.shade(Double(column) / Double(width - 1), color: color, characters)
    }
    let heading = label + (blank.isEmpty ? "" : " (\(characters == .ascii ? "x" : "×"): \(blank))")
    var free = 0
    for tick in ticks {
      let column = Int((colors.fraction(position: tick.position) * Double(width - 1)).rounded())
      let start = max(0, column - tick.label.count / 2)
      if start < free { continue }
      canvas.write(tick.label, start, 1)
      free = start + tick.label.count + 1
    }
    return (heading.isEmpty ? [] : heading.wrapped(columns)) + canvas.lines(color: color)
  }
}

extension Figure {
  static func symbol(_ index: Int, of symbols: String = "*+ox#@%&") -> Character {
    let all = Array(symbols)
    return all[index % all.count]
  }

  static func letter(_ index: Int) -> String {
    index < 26 ? String(Character(Unicode.Scalar(UInt8(65 + index)))) : "\(index % 10)"
  }

  /// Whether lines are identified by letters at their ends, because there are neither colours nor symbols.
  func hasLetters(_ color: Bool, _ characters: PlotCharacters) -> Bool {
    !color && characters == .unicode && entries.count { $0.isLine && !$0.name.isEmpty } > 1
  }

  func mark(_ entry: Entry, color: Bool, _ characters: PlotCharacters) -> String {
    switch entry.layer {
    case .series(let series) where series.style == .path: characters == .ascii ? "o" : "●"
    case .histogram: characters == .ascii ? String(Figure.symbol(entry.color, of: "#%=o")) : "█"
    default:
      if characters == .ascii {
        String(Figure.symbol(entry.color))
      } else {
        hasLetters(color, characters) ? Figure.letter(entry.color) : "─"
      }
    }
  }

  /// A cell of a heat map or of its colour bar.
  static func shade(_ fraction: Double?, color: Bool, _ characters: PlotCharacters) -> TextCanvas.Cell {
    guard let fraction else { return .init(character: characters == .ascii ? "x" : "×") }
    if color {
      let (red, green, blue) = ColorMap.color(ColorMap.step(fraction))
      return .init(character: " ", ground: .mixed(red: red, green: green, blue: blue))
    }
    let shades = Array(characters == .ascii ? " .:-=+*#%@" : " ░▒▓█")
    return .init(character: shades[min(Int(fraction * Double(shades.count)), shades.count - 1)])
  }
}

extension Figure.Entry {
  fileprivate var isLine: Bool {
    if case .series(let series) = layer { series.style != .path } else { false }
  }
}
