import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTestSupport
import UnrollTraining

@testable import unroll_lab

/// Learning a text character by character, stopping, and going on.
@Suite struct CharacterTrainingTests {
  static let text = String(repeating: "the quick brown fox jumps over the lazy dog; ", count: 9)
  static let small = CharacterSettings(hidden: 8, layers: 2, batch: 3, steps: 7, learningRate: 0.02)

  private func training(_ settings: CharacterSettings = small, on text: String = text) throws -> CharacterTraining {
    try CharacterTraining(on: text, settings)
  }

  /// A text that repeats itself is learned far better than by chance, and what is written shows it.
  @Test func learnsARhyme() throws {
    var training = try training(
      CharacterSettings(hidden: 24, layers: 1, batch: 3, steps: 15, learningRate: 0.02),
      on: String(repeating: "abcab", count: 60))
    #expect(abs(training.update().bits - training.validationBits) < 1)
    for _ in 0..<80 { training.update() }
    #expect(training.validationBits < 0.2 && training.updates == 81)
    var generator = Generator(seed: 1)
    let written = try training.text(after: "abcababcab", length: 10, temperature: 0.1, using: &generator)
    #expect(written == "abcababcab")
  }

  /// The loss over windows with the state carried is that over the whole stream.
  @Test func validationReadsOneStream() throws {
    var generator = Generator(seed: 2)
    let model = CharacterModel(vocabulary: 5, hidden: 4, layers: 2, using: &generator)
    let ids = Indices((0..<31).map { $0 * $0 % 5 })
    let whole = crossEntropy(model(ids[0..<30].reshaped([1, 30])).logits, ids[1..<31].reshaped([1, 30])).item
    #expect(abs(model.bits(Windows(ids, batch: 1, steps: 4)) - whole / 0.6931471805599453) < 1e-5)
  }

  @Test func modelsInFloat64WriteToo() {
    var generator = Generator(seed: 2)
    let model = CharacterModel(vocabulary: 5, hidden: 4, layers: 2, using: &generator)
    var (one, two) = (Generator(seed: 1), Generator(seed: 1))
    let narrow = model.continuation(of: [0, 1], length: 8, temperature: 0.5, using: &one)
    #expect(model.cast(to: .float64).continuation(of: [0, 1], length: 8, temperature: 0.5, using: &two) == narrow)
  }

  /// Stopped in the middle of a row and taken up by a training of other random weights: the bits are those of one never stopped.
  @Test(arguments: [4, 18, 19]) func asIfNeverStopped(_ stop: Int) async throws {
    var straight = try training()
    for _ in 0..<25 { straight.update() }
    var first = try training()
    for _ in 0..<stop { first.update() }
    try await withFolder { folder in
      try first.checkpoint.save(to: folder, keeping: 1)
      var second = try training()
      second.update()
      try second.restore(try #require(try Checkpoint.latest(in: folder)))
      #expect(second.updates == stop && bits(second.model) == bits(first.model))
      while second.updates < 25 { second.update() }
      #expect(bits(second.model) == bits(straight.model))
      #expect(second.validationBits.bitPattern == straight.validationBits.bitPattern)
    }
  }

  /// A checkpoint of something else changes nothing and says what differs.
  @Test func othersCheckpoints() throws {
    var training = try training()
    training.update()
    let before = bits(training.model)
    let other = try self.training(CharacterSettings(hidden: 8, layers: 2, batch: 3, steps: 7, learningRate: 0.01, seed: 4))
    let settings = #expect(throws: LoadingError.self) { try training.restore(other.checkpoint) }
    #expect(
      settings?.reason
        == "it was trained with a learning rate of 0.01, not a learning rate of 0.02; a seed of 4, not a seed of 1")
    let changed = try self.training(on: CharacterTrainingTests.text + "!")
    let text = #expect(throws: LoadingError.self) { try training.restore(changed.checkpoint) }
    #expect(text?.reason == "it was trained on another text")
    #expect(throws: LoadingError.self) { try training.restore(Checkpoint(step: 3, ["model": training.model])) }
    #expect(bits(training.model) == before && training.updates == 1)
  }

  /// A state of another network or of other rows is no state of this training.
  @Test func statesOfATraining() throws {
    let settings = CharacterSettings(hidden: 4, layers: 1, batch: 2, steps: 5)
    var training = try CharacterTraining(on: String(repeating: "abcab", count: 20), settings)
    training.update()
    let good = training.checkpoint
    try training.restore(good)
    let record: [String] = try good.value("settings")
    var generator = Generator(seed: 1)
    let lstm = LSTM(4, 4, using: &generator)
    let states = [
      lstm.initialState(batch: 3), lstm.initialState(batch: 2, .float64), LSTM(4, 5, using: &generator).initialState(batch: 2),
      LSTM(4, 4, layers: 2, using: &generator).initialState(batch: 2),
    ]
    for state in states {
      let text: Int = try good.value("text")
      let forged = Checkpoint(step: 1, ["settings": record, "text": text, "state": state, "model": training.model])
      let error = #expect(throws: LoadingError.self) { try training.restore(forged) }
      #expect(error?.name == "state" && error?.reason == "it is not a state of 2 rows of this network")
    }
  }

  /// The least number of characters is enough, and one less is not.
  @Test(arguments: [(1, 1), (3, 7), (50, 50)]) func tooShort(_ rows: Int, _ steps: Int) throws {
    let settings = CharacterSettings(hidden: 1, layers: 1, batch: rows, steps: steps)
    let text = String(repeating: "ab", count: 2000).prefix(settings.leastCharacters)
    #expect(try CharacterTraining(on: String(text), settings).updates == 0)
    let error = #expect(throws: UnfitText.self) { try CharacterTraining(on: String(text.dropLast()), settings) }
    #expect(error?.reason.contains(" are too few for \(rows) rows of \(steps) steps and validation, which need ") == true)
  }

  @Test func promptsOfOtherCharacters() throws {
    var generator = Generator(seed: 1)
    let error = #expect(throws: UnfitText.self) {
      try training().text(after: "the é", length: 3, temperature: 1, using: &generator)
    }
    #expect(error?.reason == "the prompt has \"é\", which does not occur in the text that was learned")
  }

  /// Characters are what a reader takes for one, however many bytes or scalars they have.
  @Test func charactersOfAnyLanguage() throws {
    let text = String(repeating: "e\u{301}🇫🇷日本 ", count: 20)
    let training = try training(CharacterSettings(hidden: 2, layers: 1, batch: 1, steps: 3), on: text)
    #expect(training.vocabulary.count == 5)
  }

  @Test func settingsThatCannotBe() async {
    let units = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = CharacterSettings(hidden: 0)
    }
    #expect(stopSentence(units) == "CharacterSettings: 2 layers of 0 units do not make a model")
    let rows = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = CharacterSettings(batch: 0)
    }
    #expect(stopSentence(rows) == "CharacterSettings: 0 rows and windows of 50 steps hold no text")
    let rate = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = CharacterSettings(learningRate: .nan)
    }
    #expect(stopSentence(rate) == "CharacterSettings: a learning rate of nan and a bound of 5.0 are not both above 0")
    let prompt = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      let model = CharacterModel(vocabulary: 3, hidden: 2, layers: 1, using: &generator)
      _ = model.continuation(of: [], length: 3, temperature: 1, using: &generator)
    }
    #expect(stopSentence(prompt) == "continuation: the prompt is empty")
  }
}

/// All numbers of a model, as bits.
private func bits(_ model: some Module) -> [[UInt64]] {
  model.parameters.map { $0.tensor.array.scalars(as: Double.self).map(\.bitPattern) }
}
