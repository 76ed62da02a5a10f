internal import UnrollGradientFlow
internal import UnrollTraining

/// What a demonstration has to say: in words with their numbers, and in pictures.
struct Story: Sendable {
  /// One thing found: a name, a sentence a person reads, and the numbers behind it for a program.
  struct Finding: Sendable {
    let name: String
    let sentence: String
    let numbers: [(name: String, value: Double)]

    init(_ name: String, _ sentence: String, _ numbers: [(name: String, value: Double)] = []) {
      self.name = name
      self.sentence = sentence
      self.numbers = numbers
    }
  }

  /// A picture, the name of its file, and what to look at.
  struct Picture: Sendable {
    let name: String
    let grid: PlotGrid
    let look: String
    let height: Int
    /// Whether it is worth its room on a terminal.
    let isForTerminal: Bool

    init(_ name: String, _ grid: PlotGrid, look: String, height: Int = 420, isForTerminal: Bool = true) {
      self.name = name
      self.grid = grid
      self.look = look
      self.height = height
      self.isForTerminal = isForTerminal
    }
  }

  let title: String
  /// What was done, before any result.
  let introduction: [String]
  /// What the words mean that a reader of one article may not know.
  var words: [(word: String, meaning: String)] = []
  let findings: [Finding]
  var pictures: [Picture] = []
  /// What to take home.
  var conclusion: [String] = []
}

/// A number as a name or a sentence has it: at most four digits, and no zeros at the end.
func plain(_ value: Double) -> String {
  let text = numberText(value)
  guard text.contains("."), !text.contains("e") else { return text }
  let short = String(text.reversed().drop { $0 == "0" }.reversed())
  return short.hasSuffix(".") ? String(short.dropLast()) : short
}
