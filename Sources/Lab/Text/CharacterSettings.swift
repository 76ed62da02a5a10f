internal import UnrollArrays

/// The options of a character model and its training.
struct CharacterSettings: Sendable {
  /// The number of units of a layer, and the number of layers.
  let hidden: Int, layers: Int
  /// The number of rows of text, and the number of characters of a row in each window.
  let batch: Int, steps: Int
  /// Adam's learning rate.
  let learningRate: Double
  /// The clipping bound of the gradient's norm.
  let clip: Double
  /// The seed of the generator of the weights.
  var seed: Int

  /// Settings with the given values.
  init(
    hidden: Int = 128, layers: Int = 2, batch: Int = 50, steps: Int = 50, learningRate: Double = 2e-3, clip: Double = 5,
    seed: Int = 1
  ) {
    require(
      hidden > 0 && layers > 0, "CharacterSettings: \(layers) layers of \(hidden) units do not make a model")
    require(batch > 0 && steps > 0, "CharacterSettings: \(batch) rows and windows of \(steps) steps hold no text")
    require(
      learningRate > 0 && learningRate.isFinite && clip > 0,
      "CharacterSettings: a learning rate of \(learningRate) and a bound of \(clip) are not both above 0")
    (self.hidden, self.layers, self.batch, self.steps) = (hidden, layers, batch, steps)
    (self.learningRate, self.clip, self.seed) = (learningRate, clip, seed)
  }

  /// The minimum length of a text: one whole window for each row, and the validation text.
  var leastCharacters: Int {
    // 19/20 of the text, rounded down, are trained on, and the last target of a row is one character further on.
    let wanted = batch * steps + 1
    var count = max(40, wanted / 19 * 20)
    while CharacterSettings.trainingCount(of: count) < wanted { count += 1 }
    return count
  }

  /// The number of characters for training; the rest is for validation.
  static func trainingCount(of count: Int) -> Int { count - (count + 19) / 20 }

  /// The settings in words, which a checkpoint stores for comparison and for people.
  var record: [String] {
    [
      "\(hidden) units", "\(layers) layers", "\(batch) rows", "\(steps) steps", "a learning rate of \(learningRate)",
      "a clipping bound of \(clip)", "a seed of \(seed)",
    ]
  }
}
