// Parameters shared by all steps: what is learned at one place and length holds at others.
//
//     swift run -c release unroll-examples sharing
//
// A sentence of 20 words contains a year among irrelevant words, in its first half: which year? In the test, the year is in the
// second half, where it never was in training, and sentences have up to 1000 words. A recurrent network has one set of weights
// for all places. A feed-forward network on the flattened sentence has different weights for each place, must learn the years
// separately at each, and cannot take sentences of other lengths.

import Unroll

/// Sentences `[count, length]` in which one word is a year, and the index of that year.
struct YearSentences {
  static let (years, fillers) = (10, 20)
  static let words = years + fillers

  let words: Indices
  let years: Indices

  init(_ count: Int, length: Int, yearIn places: Range<Int>, using generator: inout Generator) {
    var (words, years): ([Int], [Int]) = ([], [])
    for _ in 0..<count {
      var sentence = (0..<length).map { _ in Int.random(in: YearSentences.years..<YearSentences.words, using: &generator) }
      years.append(Int.random(in: 0..<YearSentences.years, using: &generator))
      sentence[Int.random(in: places, using: &generator)] = years[years.count - 1]
      words += sentence
    }
    self.words = Indices(words, shape: [count, length])
    self.years = Indices(years)
  }
}

/// A network that maps sentences `[sentences, length]` to logits of years, `[sentences, 10]`.
protocol YearReader: Module {
  func callAsFunction(_ words: Indices) -> Tensor
}

struct RecurrentReader: YearReader {
  var embedding: Embedding
  var gru: GRU
  var head: Linear

  init(using generator: inout Generator) {
    embedding = Embedding(YearSentences.words, 16, using: &generator)
    gru = GRU(16, 32, using: &generator)
    head = Linear(32, YearSentences.years, using: &generator)
  }

  mutating func visit(_ visitor: Visitor) {
    visitor("embedding", &embedding)
    visitor("gru", &gru)
    visitor("head", &head)
  }

  func callAsFunction(_ words: Indices) -> Tensor { head(gru(embedding(words)).state.lastHidden) }
}

struct FlatReader: YearReader {
  var embedding: Embedding
  var hidden: Linear
  var head: Linear

  init(length: Int, using generator: inout Generator) {
    embedding = Embedding(YearSentences.words, 16, using: &generator)
    hidden = Linear(length * 16, 64, using: &generator)
    head = Linear(64, YearSentences.years, using: &generator)
  }

  mutating func visit(_ visitor: Visitor) {
    visitor("embedding", &embedding)
    visitor("hidden", &hidden)
    visitor("head", &head)
  }

  func callAsFunction(_ words: Indices) -> Tensor {
    let vectors = embedding(words)
    return head(hidden(vectors.reshaped([vectors.shape[0], vectors.shape[1] * vectors.shape[2]])).relu())
  }
}

/// Trains a network on sentences of 20 words whose year is among the first ten.
func trained<Reader: YearReader>(_ reader: Reader, updates: Int, rate: Double, using generator: inout Generator) -> Reader {
  var model = reader
  var optimizer = Adam(for: model)
  let schedule = Schedule.cosine(from: rate, to: rate / 50, over: updates)
  for update in 0..<updates {
    let batch = YearSentences(32, length: 20, yearIn: 0..<10, using: &generator)
    let slope = gradient(at: model) { model in crossEntropy(model(batch.words), batch.years) }
    optimizer.learningRate = schedule.rate(at: update)
    optimizer.update(&model, along: slope.clipped(norm: 1))
  }
  return model
}

@discardableResult
func sharing(
  seed: Int = 1, updates: Int = 6000, lengths: [Int] = [50, 100, 200, 500, 1000]
) -> [(length: Int, places: Range<Int>, recurrent: Double, flat: Double?)] {
  var generator = Generator(seed: seed)
  let recurrent = trained(RecurrentReader(using: &generator), updates: updates, rate: 0.03, using: &generator)
  let flat = trained(FlatReader(length: 20, using: &generator), updates: updates, rate: 0.003, using: &generator)

  var results: [(length: Int, places: Range<Int>, recurrent: Double, flat: Double?)] = []
  var table = TextTable("words", "the year's place", "recurrent", "feed-forward")
  for (length, places) in [(20, 0..<10), (20, 10..<20)] + lengths.map({ ($0, 0..<$0) }) {
    let test = YearSentences(500, length: length, yearIn: places, using: &generator)
    let right = accuracy(recurrent(test.words), test.years)
    let flatRight = length == 20 ? accuracy(flat(test.words), test.years) : nil
    results.append((length, places, right, flatRight))
    table.add(
      length, "\(places.lowerBound) to \(places.upperBound - 1)", percentText(right), flatRight.map(percentText) ?? "–")
  }
  print("Years rightly named, where a guess names 10.0 %; the networks have", terminator: " ")
  print("\(recurrent.parameterCount) and \(flat.parameterCount) parameters:")
  print(table)
  let (moved, longest) = (results[1], results[results.count - 1])
  print(
    "Where the year never stood in training, the recurrent network names \(percentText(moved.recurrent)) and the",
    "feed-forward network \(percentText(moved.flat ?? .nan)); in sentences of \(longest.length) words the recurrent one names",
    "\(percentText(longest.recurrent)).")
  return results
}
