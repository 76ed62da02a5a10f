internal import UnrollArrays
internal import UnrollFiles
internal import UnrollNetworks
internal import UnrollTraining

/// The `text` command: trains on a text with checkpoints, progress and a log, and generates a sample.
struct TextCommand {
  let options: Options
  /// Whether to stop, checked after every update.
  var isInterrupted: () -> Bool = { Interruption.isRequested }
  /// The folder where the search for this library's sources starts.
  var workingFolder = "."
  /// Receives messages before the training starts.
  var tell: (String) -> Void = { writeToStandardError($0 + "\n") }
  /// Shows the progress of the training.
  var progress: (_ total: Int, _ done: Int) -> Progress = { Progress(total: $0, from: $1) }

  /// The number of updates between validations, each of which also writes a checkpoint.
  private static let interval = 500
  /// The number of checkpoints to keep.
  private static let kept = 2

  private var folder: String { options.folder ?? Command.text.folder }
  private var updates: Int { options.number(.updates) }

  /// Runs the command, and returns what to print.
  func run(on terminal: Terminal) throws -> String {
    let (name, text) = try text()
    var training = try training(on: text, name)
    let prompt = try checkedPrompt(text, training)
    try FileSystem.system.ensureFolder(folder)
    if options.isFresh { try Checkpoint.removeAll(in: folder) }
    try resume(&training)
    var generator = Generator(seed: training.settings.seed)
    let bits = try train(&training)
    let sample = try training.text(
      after: prompt, length: options.number(.length), temperature: options.amount(.temperature), using: &generator)
    let report = TextReport(
      name: name, characters: text.count, vocabulary: training.vocabulary.count, parameters: training.model.parameterCount,
      updates: training.updates, validation: bits, prompt: prompt, sample: sample, folder: folder)
    return options.isJSON ? report.json : report.text(on: terminal)
  }

  private func text() throws -> (name: String, text: String) {
    if let found = try OwnText.text(options.file, from: workingFolder) { return found }
    throw Options.Misuse(
      description: "this library's sources are not above the current folder; name a text to learn: unroll-lab text FILE")
  }

  private func training(on text: String, _ name: String) throws -> CharacterTraining {
    let settings = CharacterSettings(
      hidden: options.number(.hidden), layers: options.number(.layers), batch: options.number(.batch),
      steps: options.number(.steps), learningRate: options.amount(.rate), clip: options.amount(.bound),
      seed: options.number(.seed))
    do throws(UnfitText) {
      return try CharacterTraining(on: text, settings)
    } catch {
      throw Options.Misuse(description: "\(name): \(error.reason); try a longer text, or a smaller --batch or --steps")
    }
  }

  /// Resumes from the newest checkpoint in the folder, if there is one.
  private func resume(_ training: inout CharacterTraining) throws {
    do throws(LoadingError) {
      guard let checkpoint = try Checkpoint.latest(in: folder) else { return }
      try training.restore(checkpoint)
    } catch {
      throw Options.Misuse(
        description: "the checkpoint in \(folder) cannot be resumed: \(error.reason); type --fresh to start over there, "
          + "or another folder: --out FOLDER")
    }
    let done = training.updates
    tell(
      done < updates
        ? "The training in \(folder) resumes after \(done) updates; --fresh starts over."
        : "The training in \(folder) has \(done) updates; --updates \(2 * max(done, 1)) continues it, --fresh starts over."
    )
  }

  private func checkedPrompt(_ text: String, _ training: CharacterTraining) throws -> String {
    guard let prompt = options.prompt else { return text.contains("\n") ? "\n" : String(text.prefix(1)) }
    if let unknown = training.vocabulary.encoding(prompt).unknown {
      throw Options.Misuse(
        description: "--prompt needs characters that occur in the text, and \(quoted("\(unknown)")) does not")
    }
    return prompt
  }

  /// Trains up to the requested number of updates, and returns the validation loss in bits per character.
  private func train(_ training: inout CharacterTraining) throws -> Double {
    var log = try TrainingLog("\(folder)/log.csv", columns: ["training", "validation"], after: training.updates)
    var progress = progress(updates, training.updates)
    var mean = WeightedMean()
    var validation: Double?
    while training.updates < updates {
      let (bits, norm) = training.update()
      guard bits.isFinite else { throw TextCommand.divergence(training) }
      mean.add(bits)
      let step = training.updates
      progress.update(step: step, loss: bits, gradientNorm: norm, learningRate: training.settings.learningRate)
      if isInterrupted() {
        try save(training)
        progress.finish()
        throw Interrupted(
          description:
            "stopped after \(step) of \(updates) updates; the same command resumes from the checkpoint in \(folder), "
            + "and --fresh starts over")
      }
      if step % TextCommand.interval > 0 && step < updates { continue }
      let measured = training.validationBits
      validation = measured
      try save(training)
      try log.append(step: step, ["training": mean.value, "validation": measured])
      progress.note(
        "update \(step): training \(fixedText(mean.value, decimals: 3)), validation \(fixedText(measured, decimals: 3)) "
          + "bits per character")
      mean = WeightedMean()
    }
    if validation != nil { progress.finish() }
    return validation ?? training.validationBits
  }

  /// Writes a checkpoint, unless the latest update made weights infinite or NaN.
  private func save(_ training: CharacterTraining) throws {
    do throws(ArrayFileError) {
      try training.checkpoint.save(to: folder, keeping: TextCommand.kept)
    } catch {
      throw error.kind == .notFinite ? TextCommand.divergence(training) : error
    }
  }

  private static func divergence(_ training: CharacterTraining) -> Options.Misuse {
    Options.Misuse(
      description: "the training diverged at update \(training.updates); try a smaller rate: --fresh --rate "
        + "\(training.settings.learningRate / 10)")
  }
}

/// The result of training on a text.
struct TextReport {
  let name: String
  let characters: Int
  let vocabulary: Int
  let parameters: Int
  let updates: Int
  /// The validation loss in bits per character.
  let validation: Double
  let prompt: String
  let sample: String
  let folder: String

  /// The report as text for a terminal; the sample is printed line by line, unwrapped.
  func text(on terminal: Terminal) -> String {
    let facts = [
      ("text", "\(characters) characters, \(vocabulary) different ones: \(name)"),
      ("model", "\(parameters) parameters after \(updates) updates, in \(folder)"),
      ("validation", "\(fixedText(validation, decimals: 3)) bits per character"),
    ]
    return ([terminal.strong("What was learned, and what it writes"), ""] + terminal.table(facts) + ["", prompt + sample])
      .joined(
        separator: "\n")
      + "\n"
  }

  /// The report as JSON.
  var json: String {
    """
    {
      "text": \(quoted(name)),
      "characters": \(characters),
      "vocabulary": \(vocabulary),
      "parameters": \(parameters),
      "updates": \(updates),
      "validation": \(validation.isFinite ? "\(validation)" : "null"),
      "prompt": \(quoted(prompt)),
      "sample": \(quoted(sample)),
      "folder": \(quoted(folder))
    }

    """
  }
}
