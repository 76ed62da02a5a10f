import Foundation
import Testing
import Unroll

@testable import unroll_examples

/// Every example from beginning to end, at sizes that a debug build takes a moment for.
@Suite struct ExampleTests {
  /// Reading forward, what comes later stays a guess; in both directions it does not.
  @Test func taggingNeedsTheFuture() {
    let results = tagging(updates: 300)
    #expect(results.map(\.name) == ["forward", "both directions"])
    #expect(results[0].toldLater < 0.65, "\(results)")
    #expect(results[1].toldLater > 0.85 && results[1].told > 0.85, "\(results)")
  }

  /// A few updates: everything runs, and what is measured is a share.
  @Test func translationRuns() {
    let result = translate(updates: 2, hidden: 6)
    #expect((0...1).contains(result.greedy) && (0...1).contains(result.beams))
    #expect(NumberWords.spelled(912_041).joined(separator: " ") == "nine hundred twelve thousand forty one")
    #expect(NumberWords([0, 20, 305]).digits.values == [0, 10, 11, 11, 2, 0, 10, 11, 3, 0, 5, 10])
  }

  /// Where the year never stood in training the feed-forward network guesses.
  @Test func sharingHoldsAtOtherPlaces() {
    let results = sharing(updates: 250, lengths: [60])
    #expect(results.map(\.length) == [20, 20, 60])
    #expect(results[1].recurrent > 0.8 && results[2].recurrent > 0.6, "\(results)")
    #expect(results[1].flat.map { $0 < 0.3 } == true && results[2].flat == nil, "\(results)")
  }

  /// One rank, in one run and in two: the same numbers, and the log of one run.
  @Test func distributedGoesOnWhereItWas() throws {
    let folder = NSTemporaryDirectory() + "unroll-examples-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let straight = try distributed(in: folder + "/straight", epochs: 3, length: 4000)
    #expect(straight.count == 3 && straight[2] < straight[0], "\(straight)")
    _ = try distributed(in: folder + "/stopped", epochs: 1, length: 4000)
    #expect(try distributed(in: folder + "/stopped", epochs: 3, length: 4000) == straight)
    let logs = try ["straight", "stopped"].map { try String(contentsOfFile: "\(folder)/\($0).csv", encoding: .utf8) }
    #expect(logs[0] == logs[1] && logs[0].split(separator: "\n").count == 4)
  }

  /// One epoch of a small model: both are better than a guess, and the same seed gives the same numbers.
  @Test func aTextIsLearnedWithTheRecipeAndWithout() throws {
    func run() throws -> [(name: String, result: Perplexities)] {
      try awdLSTM(epochs: 1, features: 8, hidden: 12, sentences: 300)
    }
    let results = try run()
    #expect(results.map(\.name) == ["without the recipe", "AWD-LSTM"])
    for result in results.map(\.result) {
      #expect(result.epoch == 1 && result.validation < 40 && result.test < 40 && result.training < 40, "\(result)")
    }
    #expect(try run().map(\.result) == results.map(\.result))
  }

  /// With the recipe the words' vectors are the output's weights; every part of it changes the loss.
  @Test func everyPartOfTheRecipeActs() {
    var generator = Generator(seed: 1)
    let ids = Indices((0..<61).map { $0 * $0 % 7 })
    let window = Windows(ids, batch: 3, steps: 20)[0]
    func loss(_ recipe: Recipe) -> Double {
      var start = Generator(seed: 2)
      let model = LanguageModel(words: 7, features: 6, hidden: 8, layers: 2, recipe, using: &start)
      return model.loss(window, from: nil, using: &start).penalized.item
    }
    let recipes = [
      Recipe.none, Recipe(weights: 0.5), Recipe(words: 0.3), Recipe(inputs: 0.3), Recipe(layers: 0.3), Recipe(outputs: 0.3),
      Recipe(activation: 2), Recipe(temporal: 1), Recipe(isTied: true),
    ]
    #expect(Set(recipes.map(loss)).count == recipes.count)
    let model = LanguageModel(words: 7, features: 6, hidden: 8, layers: 2, .awd, using: &generator)
    #expect(model.head == nil && model.parameters.map(\.name).filter { $0.contains("head") }.isEmpty && model.audit() == nil)
    // Without a generator nothing is dropped.
    #expect(model(window.inputs, from: nil).scores == model(window.inputs, from: nil).scores)
  }

  @Test func wordsOfATextAndTextsThatAreTooShort() throws {
    #expect(tokens("He said: don't\nGo!") == ["he", "said", ":", "don't", "<end>", "go", "!"])
    let path = NSTemporaryDirectory() + "unroll-examples-" + UUID().uuidString
    try Data("A short text.".utf8).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    let error = #expect(throws: WordText.TooShort.self) { try awdLSTM(path) }
    #expect(error?.description == "\(path) has 4 words; awd-lstm needs at least 2000")
    #expect(throws: DataFileError.self) { try awdLSTM(path + ".missing") }
  }

  @Test func forecastBeatsTheLastValue() {
    let results = forecast(steps: 600, epochs: 4)
    #expect(results.map(\.name) == ["last value", "linear", "GRU"])
    #expect(results.allSatisfy { $0.errors.allSatisfy(\.isFinite) })
    #expect(results[2].errors[3] < results[0].errors[3] && results[1].errors[3] < results[0].errors[3], "\(results)")
  }
}
