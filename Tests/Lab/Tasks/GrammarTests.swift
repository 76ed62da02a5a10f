import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks

@testable import unroll_lab

/// Strings of grammars, read backward and by counting, which knows nothing of how they were drawn.
@Suite struct GrammarTests {
  /// Whether Reber's grammar has a string: a walk backward from the end over the edges as the paper draws them.
  private static func isReber(_ text: Substring) -> Bool {
    let edges: [(from: Int, letter: Character, to: Int)] = [
      (0, "B", 1), (1, "T", 2), (1, "P", 3), (2, "S", 2), (2, "X", 4), (3, "T", 3), (3, "V", 5), (4, "X", 3), (4, "S", 6),
      (5, "P", 4), (5, "V", 6), (6, "E", 7),
    ]
    let starts = text.reversed().reduce(into: Set([7])) { nodes, letter in
      nodes = Set(edges.filter { $0.letter == letter && nodes.contains($0.to) }.map(\.from))
    }
    return starts.contains(0)
  }

  /// Symbols as the letters that the paper has for them.
  private static func text(_ symbols: [Int]) -> String { String(symbols.map { Array("BTSXPVE")[$0] }) }

  private static func isEmbedded(_ text: String) -> Bool {
    guard text.count > 4, text.hasPrefix("BT") && text.hasSuffix("TE") || text.hasPrefix("BP") && text.hasSuffix("PE") else {
      return false
    }
    return isReber(text.dropFirst(2).dropLast(2))
  }

  @Test func everyStringIsOfTheGrammar() {
    var generator = Generator(seed: 1)
    var (plain, embedded) = (0, 0)
    for _ in 0..<5000 {
      let (string, outer) = (ReberGrammar.string(using: &generator), ReberGrammar.embeddedString(using: &generator))
      #expect(Self.isReber(Self.text(string.symbols)[...]))
      #expect(Self.isEmbedded(Self.text(outer.symbols)))
      (plain, embedded) = (plain + string.symbols.count, embedded + outer.symbols.count)
    }
    #expect(abs(Double(plain) / 5000 - 8) < 0.2 && abs(Double(embedded) / 5000 - 12) < 0.2, "\(plain) \(embedded)")
    #expect(!Self.isReber("BTXXE") && !Self.isEmbedded("BTBPVVEPE") && Self.isEmbedded("BTBPVVETE"))
  }

  /// What may follow a beginning is what follows it in any of many strings.
  @Test func successorsAreThoseThatAreSeen() {
    var generator = Generator(seed: 2)
    var seen: [String: Set<Int>] = [:]
    let strings = (0..<20_000).map { _ in ReberGrammar.embeddedString(using: &generator) }
    for string in strings {
      for step in string.symbols.indices.dropLast() {
        seen[Self.text(Array(string.symbols[...step])), default: []].insert(string.symbols[step + 1])
      }
    }
    for string in strings.prefix(200) {
      #expect(string.successors.count == string.symbols.count && string.successors.last == [])
      for step in 0..<min(7, string.symbols.count - 1) {
        #expect(Set(string.successors[step]) == seen[Self.text(Array(string.symbols[...step]))])
      }
    }
  }

  @Test func embeddedBatches() {
    var generator = Generator(seed: 3)
    let batch = EmbeddedReberTask().batch(1000, using: &generator)
    let (steps, inputs) = (batch.inputs.shape[1], batch.inputs.argmax().values)
    let targets = batch.targets.array.scalars(as: Float.self)
    var guessed = 0
    for (row, length) in batch.lengths.enumerated() {
      let symbols = Array(inputs[row * steps..<row * steps + length])
      #expect(Self.isEmbedded(Self.text(symbols + [6])))
      for step in 0..<length - 1 { #expect(targets[(row * steps + step) * 7 + symbols[step + 1]] == 1) }
      guessed += symbols[length - 1] == 1 ? 1 : 0
    }
    #expect(abs(Double(guessed) / 1000 - EmbeddedReberTask.baseline) < 0.06)
    #expect(batch.targets.shape == [1000, steps, 7] && Int(batch.inputs.sum().item) == batch.mask.trueCount)
  }

  @Test func continualStreams() {
    var generator = Generator(seed: 4)
    let batch = ContinualReberTask(steps: 300).batch(5, using: &generator)
    #expect(
      batch.inputs.shape == [5, 300, 7] && batch.targets.shape == [5, 300, 7] && batch.lengths == [300, 300, 300, 300, 300])
    let (inputs, targets) = (batch.inputs.argmax().values, batch.targets.array.scalars(as: Float.self))
    for row in 0..<5 {
      let symbols = Array(inputs[row * 300..<(row + 1) * 300])
      for step in 0..<299 { #expect(targets[(row * 300 + step) * 7 + symbols[step + 1]] == 1) }
      var rest = Self.text(symbols)[...]
      var count = 0
      while let end = (4..<max(4, rest.count)).first(where: { Self.isEmbedded(String(rest.prefix($0))) }) {
        rest = rest.dropFirst(end)
        count += 1
      }
      #expect(count > 10 && rest.count < 60, "\(rest)")
    }
  }

  @Test(arguments: [2, 3]) func counting(letters: Int) {
    var generator = Generator(seed: 5)
    let task = CountingTask(letters: letters, longest: 5)
    let batch = task.batch(2000, using: &generator)
    let (steps, inputs) = (batch.inputs.shape[1], batch.inputs.argmax().values)
    let targets = batch.targets.array.scalars(as: Float.self)
    for (row, length) in batch.lengths.enumerated() {
      let string = Array(inputs[row * steps..<row * steps + length])
      let n = (length - 1) / letters
      #expect(string == [0] + (0..<letters * n).map { 1 + $0 / n })
      for step in 0..<length {
        let allowed = (0...letters).filter { targets[(row * steps + step) * (letters + 1) + $0] == 1 }
        #expect(allowed == (string[step] == 1 ? [1, 2] : [step + 1 < length ? string[step + 1] : 0]))
      }
    }
    let ones = batch.lengths.count { $0 == letters + 1 }
    #expect(abs(Double(ones) / 2000 - 1.0 / 5) < 0.03)
    #expect(task.strings([30]).lengths == [1 + 30 * letters])
  }
}
