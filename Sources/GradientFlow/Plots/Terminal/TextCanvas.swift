/// A rectangle of characters, each with an optional colour.
struct TextCanvas {
  enum Ink: Hashable {
    /// One of a terminal's 256 colours.
    case palette(Int)
    case mixed(red: Int, green: Int, blue: Int)

    fileprivate func code(_ base: Int) -> String {
      switch self {
      case .palette(let index): "\(base);5;\(index)"
      case .mixed(let red, let green, let blue): "\(base);2;\(red);\(green);\(blue)"
      }
    }
  }

  struct Cell: Hashable {
    var character: Character = " "
    var ink: Ink?
    var ground: Ink?
  }

  let columns: Int
  let rows: Int
  private var cells: [Cell]

  init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
    cells = Array(repeating: Cell(), count: columns * rows)
  }

  func contains(_ column: Int, _ row: Int) -> Bool { column >= 0 && column < columns && row >= 0 && row < rows }

  subscript(column: Int, row: Int) -> Cell {
    get { contains(column, row) ? cells[row * columns + column] : Cell() }
    set { if contains(column, row) { cells[row * columns + column] = newValue } }
  }

  /// Writes a text starting at a column; what does not fit is cut off.
  mutating func write(_ text: String, _ column: Int, _ row: Int, ink: Ink? = nil) {
    for (offset, character) in text.enumerated() { self[column + offset, row] = Cell(character: character, ink: ink) }
  }

  mutating func copy(_ other: TextCanvas, _ column: Int, _ row: Int) {
    for y in 0..<other.rows {
      for x in 0..<other.columns { self[column + x, row + y] = other[x, y] }
    }
  }

  /// The lines without trailing blanks, with colours as escape sequences if wanted.
  func lines(color: Bool) -> [String] {
    (0..<rows).map { row in
      var length = columns
      while length > 0 && self[length - 1, row].character == " " && (!color || self[length - 1, row].ground == nil) {
        length -= 1
      }
      var line = ""
      var (ink, ground): (Ink?, Ink?) = (nil, nil)
      for column in 0..<length {
        let cell = self[column, row]
        if color && (cell.ink != ink || cell.ground != ground) {
          (ink, ground) = (cell.ink, cell.ground)
          let codes = ["0"] + [ink?.code(38), ground?.code(48)].compactMap(\.self)
          line += "\u{1B}[" + codes.joined(separator: ";") + "m"
        }
        line.append(cell.character)
      }
      return line + (ink != nil || ground != nil ? "\u{1B}[0m" : "")
    }
  }
}

extension String {
  /// The text as a terminal can show it: on one line, without control characters, and in ASCII if required.
  func shown(_ characters: PlotCharacters) -> String {
    String(
      map { character in
        guard let scalar = character.unicodeScalars.first else { return " " }
        if scalar.properties.generalCategory == .control { return " " }
        return characters == .ascii && !character.isASCII ? "?" : character
      })
  }

  /// The text wrapped to at most `limit` lines of at most `columns` characters; if it does not fit, the last line ends with an
  /// ellipsis.
  func wrapped(_ columns: Int, lines limit: Int, _ characters: PlotCharacters) -> [String] {
    let all = wrapped(columns)
    if all.count <= limit { return all }
    let (rest, mark) = (all[(limit - 1)...].joined(separator: " "), characters == .ascii ? "..." : "…")
    return all.prefix(limit - 1) + [rest.prefix(max(0, columns - mark.count)) + mark]
  }

  /// The text wrapped to lines of at most `columns` characters, at spaces, or within words that are longer.
  func wrapped(_ columns: Int) -> [String] {
    var lines = [""]
    for word in split(separator: " ") {
      var rest = word
      if !lines[lines.count - 1].isEmpty {
        if lines[lines.count - 1].count + 1 + rest.count <= columns {
          lines[lines.count - 1] += " " + rest
          continue
        }
        lines.append("")
      }
      while rest.count > columns {
        lines[lines.count - 1] = String(rest.prefix(columns))
        lines.append("")
        rest = rest.dropFirst(columns)
      }
      lines[lines.count - 1] += rest
    }
    return lines
  }
}

/// A grid of dots on a part of a canvas, several to a character.
struct DotGrid {
  let columns: Int
  let rows: Int
  let characters: PlotCharacters
  /// The Braille pattern of each character, or in ASCII whether it has a dot.
  private(set) var patterns: [UInt32]

  init(columns: Int, rows: Int, _ characters: PlotCharacters) {
    self.columns = columns
    self.rows = rows
    self.characters = characters
    patterns = Array(repeating: 0, count: columns * rows)
  }

  var width: Int { characters == .unicode ? 2 * columns : columns }
  var height: Int { characters == .unicode ? 4 * rows : rows }

  func dot(_ point: PlacedSeries.Point) -> (x: Int, y: Int) {
    (Int((point.x * Double(width - 1)).rounded()), Int(((1 - point.y) * Double(height - 1)).rounded()))
  }

  func cell(_ point: PlacedSeries.Point) -> (column: Int, row: Int) {
    let dot = dot(point)
    return characters == .unicode ? (dot.x / 2, dot.y / 4) : dot
  }

  mutating func set(_ x: Int, _ y: Int) {
    let bits: [[UInt32]] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]]
    switch characters {
    case .unicode: patterns[y / 4 * columns + x / 2] |= bits[x % 2][y % 4]
    case .ascii: patterns[y * columns + x] = 1
    }
  }

  /// Draws a straight line of dots without gaps.
  mutating func line(from a: PlacedSeries.Point, to b: PlacedSeries.Point) {
    let (first, last) = (dot(a), dot(b))
    let steps = max(abs(last.x - first.x), abs(last.y - first.y), 1)
    for step in 0...steps {
      // Integer rounding gives the same dots on every machine.
      set(
        first.x + (2 * (last.x - first.x) * step + steps).flooredQuotient(2 * steps),
        first.y + (2 * (last.y - first.y) * step + steps).flooredQuotient(2 * steps))
    }
  }
}

extension Int {
  fileprivate func flooredQuotient(_ divisor: Int) -> Int {
    self >= 0 ? self / divisor : -((-self + divisor - 1) / divisor)
  }
}
