internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollFiles
internal import UnrollNetworks
internal import UnrollTraining

/// The training of a character model on a text: truncated backpropagation through time with a carried state, gradient clipping
/// by norm, and Adam.
///
/// The text is cut into `batch` rows, which are read window by window; at the end of the rows, reading starts over with an
/// initial state. The last twentieth of the text is kept for validation.
struct CharacterTraining: Sendable {
  /// The options of the training.
  let settings: CharacterSettings
  /// The characters of the text.
  let vocabulary: CharacterVocabulary
  /// What is trained.
  private(set) var model: CharacterModel
  /// The number of updates so far.
  private(set) var updates = 0

  private var optimizer: ParameterGroups<Adam<CharacterModel>>
  private var state: LSTM.State?
  private let training: Windows
  private let validation: Windows
  let textChecksum: Int

  /// A new training. Throws if the text is too short for one window.
  init(on text: String, _ settings: CharacterSettings = CharacterSettings()) throws(UnfitText) {
    let least = settings.leastCharacters
    guard text.count >= least else {
      throw UnfitText(
        reason: "\(text.count) characters are too few for \(settings.batch) rows of \(settings.steps) steps and validation, "
          + "which need \(least)")
    }
    let vocabulary = CharacterVocabulary(text)
    let ids = vocabulary.indices(text)
    let cut = CharacterSettings.trainingCount(of: ids.count)
    self.init(
      settings, vocabulary,
      training: Windows(ids[0..<cut], batch: settings.batch, steps: settings.steps, keepingShortWindow: false),
      validation: Windows(ids[cut..<ids.count], batch: 1, steps: settings.steps), textChecksum: Int(checksum(of: text)))
  }

  private init(
    _ settings: CharacterSettings, _ vocabulary: CharacterVocabulary, training: Windows, validation: Windows, textChecksum: Int
  ) {
    self.settings = settings
    self.vocabulary = vocabulary
    self.training = training
    self.validation = validation
    self.textChecksum = textChecksum
    var generator = Generator(seed: settings.seed)
    model = CharacterModel(
      vocabulary: vocabulary.count, hidden: settings.hidden, layers: settings.layers, using: &generator)
    // A bias here is the sum of PyTorch's two biases, each of which has the same gradient and moves as far, so that its rate is
    // doubled.
    optimizer = ParameterGroups([
      ParameterGroup(Adam(for: model, learningRate: settings.learningRate)) { !CharacterTraining.isBiasOfLSTM($0) },
      ParameterGroup(Adam(for: model, learningRate: 2 * settings.learningRate)),
    ])
  }

  /// Trains on the next window. Returns the loss before the update, in bits per character, and the norm of the gradient before
  /// clipping.
  @discardableResult
  mutating func update() -> (bits: Double, gradientNorm: Double) {
    let position = updates % training.count
    if position == 0 { state = nil }
    let window = training[position]
    let (loss, next, gradient) = valueAndGradient(at: model) { [state] model in
      let (logits, next) = model(window.inputs, from: state)
      return (crossEntropy(logits, window.targets), next)
    }
    optimizer.update(&model, along: gradient.clipped(norm: settings.clip))
    state = next
    updates += 1
    return (loss.item * bitsPerNat, gradient.norm(order: 2))
  }

  /// A new training on the same text with another seed.
  func restarted(seed: Int) -> CharacterTraining {
    var other = settings
    other.seed = seed
    return CharacterTraining(other, vocabulary, training: training, validation: validation, textChecksum: textChecksum)
  }

  private static func isBiasOfLSTM(_ name: String) -> Bool { name.hasPrefix("lstm") && name.hasSuffix("bias") }

  /// The mean loss on the validation text, in bits per character.
  var validationBits: Double { model.bits(validation) }

  /// The same; nil if it is stopped before the end of the text.
  func validationBits(unless isStopped: () -> Bool) -> Double? { model.bits(validation, unless: isStopped) }

  /// Generates `length` characters that continue a prompt, without the prompt. Throws if a character of the prompt does not
  /// occur in the training text.
  func text(
    after prompt: String, length: Int, temperature: Double, using generator: inout Generator
  ) throws(UnfitText) -> String {
    let (ids, unknown) = vocabulary.encoding(prompt)
    if let unknown {
      throw UnfitText(reason: "the prompt has \(quoted("\(unknown)")), which does not occur in the text that was learned")
    }
    return vocabulary.text(
      model.continuation(of: ids, length: length, temperature: temperature, using: &generator))
  }
}

/// Checkpoints, from which a training resumes as if it had never stopped.
extension CharacterTraining {
  /// The complete state of the training.
  var checkpoint: Checkpoint {
    Checkpoint(
      step: updates,
      ["model": model, "optimizer": optimizer, "state": state, "settings": settings.record, "text": textChecksum])
  }

  /// Restores a checkpoint of a training with the same settings and text; otherwise throws and changes nothing.
  mutating func restore(_ checkpoint: Checkpoint) throws(LoadingError) {
    let stored: [String] = try checkpoint.value("settings")
    guard stored == settings.record else {
      let differing = zip(stored, settings.record).filter { $0 != $1 }.map { "\($0), not \($1)" }
      throw LoadingError(.different, "it was trained with \(differing.joined(separator: "; "))", name: "settings")
    }
    guard try checkpoint.value("text", as: Int.self) == textChecksum else {
      throw LoadingError(.different, "it was trained on another text", name: "text")
    }
    let state: LSTM.State? = try checkpoint.value("state")
    guard state.map({ model.lstm.fits($0, batch: settings.batch) }) ?? true else {
      throw LoadingError(.different, "it is not a state of \(settings.batch) rows of this network", name: "state")
    }
    (model, optimizer) = (
      try checkpoint.value("model", like: model), try checkpoint.value("optimizer", like: optimizer)
    )
    (self.state, updates) = (state, checkpoint.step)
  }
}

/// The reason why a text or a prompt cannot be used.
struct UnfitText: Error {
  let reason: String
}
