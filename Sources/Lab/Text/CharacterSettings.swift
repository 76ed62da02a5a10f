internal import UnrollArrays

/// How a character model is trained.
struct CharacterSettings: Sendable {
  /// How many units a layer has, and how many layers there are.
  let hidden: Int, layers: Int
  /// How many rows of text are read side by side, and how many characters of each make a window.
  let batch: Int, steps: Int
  /// Adam's.
  let learningRate: Double
  /// The bound of the gradient's norm.
  let clip: Double
  /// What the generator of the weights begins with.
  var seed: Int

  /// The given settings.
  init(
    hidden: Int = 128, layers: Int = 2, batch: Int = 50, steps: Int = 50, learningRate: Double = 2e-3, clip: Double = 5,
    seed: Int = 1
  ) {
    require(
      hidden > 0 && layers > 0, "CharacterSettings: \(layers) layers of \(hidden) units make no model")
    require(batch > 0 && steps > 0, "CharacterSettings: \(batch) rows and windows of \(steps) steps hold no text")
    require(
      learningRate > 0 && learningRate.isFinite && clip > 0,
      "CharacterSettings: a learning rate of \(learningRate) and a bound of \(clip) are not both above 0")
    (self.hidden, self.layers, self.batch, self.steps) = (hidden, layers, batch, steps)
    (self.learningRate, self.clip, self.seed) = (learningRate, clip, seed)
  }

  /// How many characters a text must have: one whole window for each row, and what is kept for validation.
  var leastCharacters: Int {
    // Nineteen twentieths of it are trained on, rounded down, and a row's last target lies one character on.
    let wanted = batch * steps + 1
    var count = max(40, wanted / 19 * 20)
    while CharacterSettings.trainingCount(of: count) < wanted { count += 1 }
    return count
  }

  /// How many of a text's characters are trained on; the others are for validation.
  static func trainingCount(of count: Int) -> Int { count - (count + 19) / 20 }

  /// What a checkpoint keeps, to be compared and to be read by a person.
  var record: [String] {
    [
      "\(hidden) units", "\(layers) layers", "\(batch) rows", "\(steps) steps", "a learning rate of \(learningRate)",
      "a clipping bound of \(clip)", "a seed of \(seed)",
    ]
  }
}
