internal import UnrollArrays
internal import UnrollAutograd

/// Say the state of a small machine after every symbol of a sequence (Delétang et al. 2022).
///
/// What the machine does with a symbol depends on where it is, so that no sum over the sequence replaces following it. Inputs
/// `[batch, steps, symbols]`, one-hot and uniform. Targets `[batch, steps]`: the answer to what has been read so far, or
/// `noAnswer` after an operator, where the formula has not ended.
struct StateTrackingTask: Sendable {
  /// What is followed.
  enum Rule: String, Sendable, CaseIterable {
    /// The sum of the symbols, modulo 2.
    case parity
    /// Whether the first and the last symbol differ, which is whether the number of unequal neighbours is odd.
    case evenPairs = "even pairs"
    /// The value of a formula of digits and + − ×, modulo 5. Products bind first; the rest goes from left to right.
    case modularArithmetic = "modular arithmetic"
    /// The position on a cycle of 5 after moves to the left, to the right, or none.
    case cycleNavigation = "cycle navigation"
  }

  /// The target where there is no answer.
  static let noAnswer = -1

  /// The rule of the answers.
  let rule: Rule
  /// The number of symbols of a sequence in training, all of whose beginnings are answered.
  var trained = 40
  /// The number of symbols of a sequence in the test.
  var tested = 256

  /// The number of possible answers.
  var answerCount: Int {
    switch rule {
    case .parity, .evenPairs: 2
    case .modularArithmetic, .cycleNavigation: 5
    }
  }

  /// The names of the symbols.
  var symbols: [String] {
    switch rule {
    case .parity, .evenPairs: ["0", "1"]
    case .modularArithmetic: (0..<answerCount).map(String.init) + ["+", "-", "*"]
    case .cycleNavigation: ["left", "stay", "right"]
    }
  }

  /// The share of answers that a guess gets right.
  var baseline: Double { 1 / Double(answerCount) }

  /// The answer to every beginning of a sequence; nil after an operator.
  func answers(to sequence: [Int]) -> [Int?] {
    switch rule {
    case .parity: sums(sequence)
    case .evenPairs: sequence.map { $0 == sequence[0] ? 0 : 1 }
    case .modularArithmetic: values(sequence)
    case .cycleNavigation: sums(sequence.map { $0 - 1 })
    }
  }

  private func sums(_ terms: [Int]) -> [Int] {
    var sum = 0
    return terms.map { term in
      sum = modulo(sum + term)
      return sum
    }
  }

  /// The values of a formula's beginnings: the sum of the terms that are complete, and the term that a product may still change.
  private func values(_ formula: [Int]) -> [Int?] {
    var (complete, term) = (0, 0)
    // The sign of a new term; nil after a multiplication sign.
    var sign: Int? = 1
    return formula.map { symbol in
      if symbol >= answerCount {
        sign = ["+": 1, "-": -1][symbols[symbol]]
        return nil
      }
      if let sign { (complete, term) = (modulo(complete + term), modulo(sign * symbol)) } else { term = modulo(term * symbol) }
      return modulo(complete + term)
    }
  }

  private func modulo(_ number: Int) -> Int { (number % answerCount + answerCount) % answerCount }

  /// A sequence of `steps` symbols. Formulas begin with a digit, and digits and operators alternate.
  func sequence(_ steps: Int, using generator: inout Generator) -> [Int] {
    (0..<steps).map { step in
      switch rule {
      case .modularArithmetic where step % 2 == 0: Int.random(in: 0..<answerCount, using: &generator)
      case .modularArithmetic: Int.random(in: answerCount..<symbols.count, using: &generator)
      default: Int.random(in: 0..<symbols.count, using: &generator)
      }
    }
  }

  /// A batch of `count` sequences of `steps` symbols, and the answers to all their beginnings, `[count, steps]`.
  func batch(_ count: Int, steps: Int, using generator: inout Generator) -> TaskBatch<Indices> {
    requireRows("StateTrackingTask", count)
    require(steps > 0, "StateTrackingTask: a sequence of \(steps) symbols is empty")
    let sequences = (0..<count).map { _ in sequence(steps, using: &generator) }
    let targets = sequences.flatMap { answers(to: $0).map { $0 ?? Self.noAnswer } }
    return TaskBatch(
      inputs: oneHot(sequences, symbols: symbols.count), targets: Indices(targets, shape: [count, steps]),
      lengths: Array(repeating: steps, count: count))
  }
}
