// Translate a sequence to one of another length: number words to digits.
//
//     swift run -c release unroll-examples translate
//
// "nine hundred twelve thousand forty one" becomes 912041. An encoder reads the words in both directions; a decoder writes
// digit after digit, attends to the words, and decides when to end. No number of the test occurs in training.

import Unroll

struct NumberTranslator: Module {
  var words: Embedding
  var encoder: GRU
  var bridge: StateBridge<GRUCell, GRUCell>
  var digits: Embedding
  var decoder: GRU
  var attention: DotAttention
  var head: Linear

  init(hidden: Int, using generator: inout Generator) {
    words = Embedding(NumberWords.vocabulary.count, 16, using: &generator)
    encoder = GRU(16, hidden, bidirectional: true, using: &generator)
    digits = Embedding(NumberWords.symbols, 16, using: &generator)
    decoder = GRU(16, hidden, using: &generator)
    bridge = StateBridge(from: encoder, to: decoder, using: &generator)
    attention = DotAttention(queries: hidden, features: 2 * hidden, using: &generator)
    head = Linear(3 * hidden, NumberWords.symbols, using: &generator)
  }

  mutating func visit(_ visitor: Visitor) {
    visitor("words", &words)
    visitor("encoder", &encoder)
    visitor("bridge", &bridge)
    visitor("digits", &digits)
    visitor("decoder", &decoder)
    visitor("attention", &attention)
    visitor("head", &head)
  }

  /// The decoder's initial state: the encoder's final state, and the encoder's states for attention.
  func read(_ numbers: NumberWords) -> AttendingState<GRU.State> {
    let (states, last) = encoder(words(numbers.words), lengths: numbers.lengths)
    return AttendingState(recurrent: bridge(last), memory: attention.memory(states, lengths: numbers.lengths))
  }

  /// The decoder, which maps the previous digit and the state to logits of the next digit.
  var writer: TokenDecoder<AttendingState<GRU.State>> {
    TokenDecoder(vocabulary: NumberWords.symbols, end: NumberWords.end) { ids, state in
      let hidden = decoder.next(digits(ids), state: &state.recurrent)
      return head(Tensor.concatenate([hidden, attention(hidden, over: state.memory).context], axis: -1))
    }
  }
}

/// Numbers in words and in digits 0 to 9, followed by an end token; the token before the first digit also pads shorter rows.
struct NumberWords {
  static let (end, begin, symbols) = (10, 11, 12)
  static let small = WordVocabulary.words(
    """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen
    """
  )
  static let tens = WordVocabulary.words("twenty thirty forty fifty sixty seventy eighty ninety")
  static let vocabulary = Vocabulary(tokens: small + tens + ["hundred", "thousand"])

  let numbers: [Int]
  let words: Indices, lengths: [Int]
  /// The digits, `[numbers, longest]`.
  let digits: Indices
  /// The decoder's first input, before any digit.
  var first: Indices { Indices(numbers.map { _ in NumberWords.begin }) }

  init(_ numbers: [Int]) {
    self.numbers = numbers
    (words, lengths) = Indices.stackPadded(numbers.map { NumberWords.vocabulary.ids(NumberWords.spelled($0)) })
    digits = Indices.stackPadded(numbers.map { NumberWords.digits($0) + [NumberWords.end] }, with: NumberWords.begin).indices
  }

  static func digits(_ number: Int) -> [Int] { String(number).compactMap(\.wholeNumberValue) }

  static func spelled(_ number: Int) -> [String] {
    switch number {
    case ..<20: [small[number]]
    case ..<100: [tens[number / 10 - 2]] + (number % 10 == 0 ? [] : [small[number % 10]])
    case ..<1000: [small[number / 100], "hundred"] + (number % 100 == 0 ? [] : spelled(number % 100))
    default: spelled(number / 1000) + ["thousand"] + (number % 1000 == 0 ? [] : spelled(number % 1000))
    }
  }
}

@discardableResult
func translate(seed: Int = 1, updates: Int = 1200, hidden: Int = 64) -> (greedy: Double, beams: Double) {
  var generator = Generator(seed: seed)
  /// A random number of one to six digits, with each number of digits equally likely.
  func draw() -> Int {
    let limits = [10, 100, 1000, 10_000, 100_000, 1_000_000]
    return Int.random(in: 0..<limits[Int.random(in: 0..<6, using: &generator)], using: &generator)
  }
  var kept: Set<Int> = []
  while kept.count < 500 { kept.insert(Int.random(in: 0..<1_000_000, using: &generator)) }

  var model = NumberTranslator(hidden: hidden, using: &generator)
  var optimizer = Adam(for: model)
  let schedule = Schedule.cosine(from: 0.005, to: 0.0005, over: updates)
  var progress = Progress(total: updates)
  for update in 0..<updates {
    let numbers = NumberWords((0..<64).map { _ in draw() }.filter { !kept.contains($0) })
    let (loss, slope) = valueAndGradient(at: model) { model in
      let run = model.writer.teacherForced(numbers.digits, first: numbers.first, from: model.read(numbers))
      return crossEntropy(run.logits, numbers.digits, ignoring: NumberWords.begin)
    }
    optimizer.learningRate = schedule.rate(at: update)
    optimizer.update(&model, along: slope.clipped(norm: 1))
    progress.update(step: update + 1, loss: loss.item)
  }
  progress.finish()

  let test = NumberWords(kept.sorted())
  let greedy = model.writer.greedy(test.first, from: model.read(test), maximumLength: 8).rows
  let beams = model.writer.beams(test.first, from: model.read(test), width: 4, maximumLength: 8).map { $0[0] }
  /// The fraction of numbers without a wrong digit.
  func exact(_ written: [Hypothesis]) -> Double {
    Double(zip(written, test.numbers).count { $0.tokens == NumberWords.digits($1) }) / Double(test.numbers.count)
  }
  var table = TextTable("number", "written", "words")
  for i in stride(from: 0, to: test.numbers.count, by: 100) {
    table.add(
      test.numbers[i], beams[i].tokens.map(String.init).joined(), NumberWords.spelled(test.numbers[i]).joined(separator: " "))
  }
  print(table)
  print(
    "Of \(test.numbers.count) numbers that were never seen, \(percentText(exact(greedy))) are written without any wrong digit",
    "by taking the likeliest digit each time, and \(percentText(exact(beams))) by beams of 4.")
  return (exact(greedy), exact(beams))
}
