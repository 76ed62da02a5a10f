/// Label sequences to align with sequences of steps, in batch order. Every row has its own length and number of steps.
package struct CTCTargets: Sendable {
  package let labels: [[Int]]
  /// The number of valid steps of each row.
  package let steps: [Int]
  package let blank: Int

  package init(labels: [[Int]], steps: [Int], blank: Int) {
    self.labels = labels
    self.steps = steps
    self.blank = blank
  }

  /// The number of labels that equal their predecessor: a blank must stand between the two.
  package func repeats(_ row: Int) -> Int { zip(labels[row], labels[row].dropFirst()).count { $0 == $1 } }

  /// The number of states of the longest row: its labels, with blanks before, between and after them.
  package var stateCount: Int { 2 * (labels.map(\.count).max() ?? 0) + 1 }

  /// The classes of the states of a row: blank, label, blank, label, …, blank.
  package func states(_ row: Int) -> [Int] { labels[row].flatMap { [blank, $0] } + [blank] }

  /// Whether each state of a row may follow the one two before it: a label that differs from the label before.
  package func skips(_ row: Int) -> [Bool] {
    let states = states(row)
    return states.indices.map { $0 % 2 == 1 && $0 > 1 && states[$0] != states[$0 - 2] }
  }
}
