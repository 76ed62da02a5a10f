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
