// Tag every word of a sentence, where some tags depend on later words.
//
//     swift run -c release unroll-examples tagging
//
// In "we met at the bank and counted the money", the meaning of bank becomes clear only afterwards; in other sentences it is
// clear before. A network that reads only forward has to guess in sentences of the first kind. A network that reads in both
// directions, so that its output at each word depends on the whole sentence, gets both right.

import Unroll

struct Tagger: Module {
  var embedding: Embedding
  var lstm: LSTM
  var head: Linear

  init(words: Int, tags: Int, hidden: Int, bidirectional: Bool, using generator: inout Generator) {
    embedding = Embedding(words, 16, using: &generator)
    lstm = LSTM(16, hidden, bidirectional: bidirectional, using: &generator)
    head = Linear(lstm.outputSize, tags, using: &generator)
  }

  mutating func visit(_ visitor: Visitor) {
    visitor("embedding", &embedding)
    visitor("lstm", &lstm)
    visitor("head", &head)
  }

  /// `[sentences, words]` gives scores `[sentences, words, tags]`.
  func callAsFunction(_ words: Indices, lengths: [Int]) -> Tensor { head(lstm(embedding(words), lengths: lengths).outputs) }
}

/// Sentences with one ambiguous word, and another that determines its meaning.
struct AmbiguousSentences {
  static let tags = ["plain", "first meaning", "second meaning"]
  static let ambiguous = [("bank", ["river", "money"]), ("bat", ["cave", "ball"]), ("spring", ["winter", "water"])]
  static let fillers = WordVocabulary.words(
    "we met at the old and then saw a quiet friend who had come from there with some others")
  static let vocabulary = Vocabulary(tokens: fillers + ambiguous.flatMap { [$0] + $1 })

  var words: [[Int]] = []
  var tags: [[Int]] = []
  /// Whether the determining word comes after the ambiguous one.
  var isToldLater: [Bool] = []

  init(_ count: Int, using generator: inout Generator) {
    let (fillers, choices) = (AmbiguousSentences.fillers, AmbiguousSentences.ambiguous)
    for _ in 0..<count {
      let length = Int.random(in: 8...16, using: &generator)
      var sentence = (0..<length).map { _ in fillers[Int.random(in: 0..<fillers.count, using: &generator)] }
      let places = generator.shuffled(Array(0..<length))
      let (word, clues) = choices[Int.random(in: 0..<choices.count, using: &generator)]
      let meaning = Int.random(in: 0...1, using: &generator)
      (sentence[places[0]], sentence[places[1]]) = (word, clues[meaning])
      words.append(AmbiguousSentences.vocabulary.ids(sentence))
      tags.append((0..<length).map { $0 == places[0] ? 1 + meaning : 0 })
      isToldLater.append(places[1] > places[0])
    }
  }
}

@discardableResult
func tagging(seed: Int = 1, updates: Int = 400) -> [(name: String, told: Double, toldLater: Double)] {
  var results: [(name: String, told: Double, toldLater: Double)] = []
  var table = TextTable("network", "parameters", "told before", "told later")
  for (name, bidirectional) in [("forward", false), ("both directions", true)] {
    // Both networks get the same test. The forward network has more units, so that it does not have fewer parameters.
    var generator = Generator(seed: seed)
    let test = AmbiguousSentences(500, using: &generator)
    var model = Tagger(
      words: AmbiguousSentences.vocabulary.count, tags: AmbiguousSentences.tags.count, hidden: bidirectional ? 24 : 40,
      bidirectional: bidirectional, using: &generator)
    var optimizer = Adam(for: model, learningRate: 0.01)
    for _ in 0..<updates {
      let sentences = AmbiguousSentences(32, using: &generator)
      let (words, lengths) = Indices.stackPadded(sentences.words)
      let (tags, _) = Indices.stackPadded(sentences.tags, with: -1)
      let slope = gradient(at: model) { model in crossEntropy(model(words, lengths: lengths), tags, ignoring: -1) }
      optimizer.update(&model, along: slope.clipped(norm: 1))
    }

    let (words, lengths) = Indices.stackPadded(test.words)
    let scores = model(words, lengths: lengths)
    /// The fraction of ambiguous words that are tagged correctly in sentences of one kind.
    func right(toldLater: Bool) -> Double {
      let tags = zip(test.tags, test.isToldLater).map { tags, isToldLater in
        tags.map { $0 > 0 && isToldLater == toldLater ? $0 : -1 }
      }
      return accuracy(scores, Indices.stackPadded(tags, with: -1).indices, ignoring: -1)
    }
    results.append((name, right(toldLater: false), right(toldLater: true)))
    table.add(name, model.parameterCount, percentText(right(toldLater: false)), percentText(right(toldLater: true)))
  }
  print("Words of two meanings tagged rightly, by when the sentence tells which is meant:\n\(table)")
  print(
    "What comes later the forward network can only guess at (\(percentText(results[0].toldLater)), a coin 50.0 %);",
    "reading in both directions finds it (\(percentText(results[1].toldLater))).")
  return results
}
