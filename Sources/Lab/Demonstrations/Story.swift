internal import UnrollGradientFlow
internal import UnrollTraining

/// The result of a demonstration, in sentences with their numbers, and in pictures.
struct Story: Sendable {
  /// One finding: a name, a sentence for people, and the numbers behind it for programs.
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

  /// A picture, the name of its file, and a hint what to look at.
  struct Picture: Sendable {
    let name: String
    let grid: PlotGrid
    let look: String
    let height: Int
    /// Whether to show it on a terminal.
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
  /// Explanations of terms that may be unknown to readers.
  var words: [(word: String, meaning: String)] = []
  let findings: [Finding]
  var pictures: [Picture] = []
  /// The conclusions.
  var conclusion: [String] = []
}

/// A number in a name or a sentence: at most four digits, without trailing zeros.
func plain(_ value: Double) -> String {
  let text = numberText(value)
  guard text.contains("."), !text.contains("e") else { return text }
  let short = String(text.reversed().drop { $0 == "0" }.reversed())
  return short.hasSuffix(".") ? String(short.dropLast()) : short
}
