internal import UnrollArrays
internal import UnrollTraining

/// What a demonstration has to say: in words with their numbers, and in pictures.
package struct Story: Sendable {
  /// One thing found: a name, a sentence a person reads, and the numbers behind it for a program.
  package struct Finding: Sendable {
    package let name: String
    package let sentence: String
    package let numbers: [(name: String, value: Double)]

    package init(_ name: String, _ sentence: String, _ numbers: [(name: String, value: Double)] = []) {
      self.name = name
      self.sentence = sentence
      self.numbers = numbers
    }
  }

  /// A picture, the name of its file, and what to look at.
  package struct Picture: Sendable {
    package let name: String
    package let grid: PlotGrid
    package let look: String
    package let height: Int
    /// Whether it is worth its room on a terminal.
    package let isForTerminal: Bool

    package init(_ name: String, _ grid: PlotGrid, look: String, height: Int = 420, isForTerminal: Bool = true) {
      self.name = name
      self.grid = grid
      self.look = look
      self.height = height
      self.isForTerminal = isForTerminal
    }
  }

  package let title: String
  /// What was done, before any result.
  package let introduction: [String]
  /// What the words mean that a reader of one article may not know.
  package let words: [(word: String, meaning: String)]
  package let findings: [Finding]
  package let pictures: [Picture]
  /// What to take home.
  package let conclusion: [String]

  package init(
    title: String, introduction: [String], words: [(word: String, meaning: String)] = [], findings: [Finding],
    pictures: [Picture] = [], conclusion: [String] = []
  ) {
    self.title = title
    self.introduction = introduction
    self.words = words
    self.findings = findings
    self.pictures = pictures
    self.conclusion = conclusion
  }
}

/// A number as a name or a sentence has it: at most four digits, and no zeros at the end.
func plain(_ value: Double) -> String {
  let text = numberText(value)
  guard text.contains("."), !text.contains("e") else { return text }
  let short = String(text.reversed().drop { $0 == "0" }.reversed())
  return short.hasSuffix(".") ? String(short.dropLast()) : short
}
