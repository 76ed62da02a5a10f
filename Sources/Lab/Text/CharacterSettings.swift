internal import UnrollArrays
internal import UnrollFiles
internal import UnrollTraining

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

/// This library's Swift sources and documents, as a text to learn.
enum OwnText {
  /// The text of a file and its path. Without a path, the library's own sources and a description, or nil if they are not
  /// found.
  static func text(_ file: String?, from folder: String) throws(DataFileError) -> (name: String, text: String)? {
    if let file { return (file, try TextFile.read(file)) }
    guard let package = package(from: folder) else { return nil }
    return ("this library's sources", try read(package))
  }

  /// The package's folder: the first folder upward from the given one with a manifest and the sources of the arrays.
  static func package(from folder: String) -> String? {
    var folder = folder
    // More levels than any path has; the parent of the root is the root.
    for _ in 0..<64 {
      if names(folder).contains("Package.swift"), !names("\(folder)/Sources/Arrays").isEmpty { return folder }
      folder += "/.."
    }
    return nil
  }

  /// The sources and documents of a package, in the order of their paths.
  static func read(_ package: String) throws(DataFileError) -> String {
    let documents = names(package).filter(isText).map { "\(package)/\($0)" }
    var text = ""
    for path in documents + paths(below: "\(package)/Sources") { text += try TextFile.read(path) }
    return text
  }

  private static func paths(below folder: String) -> [String] {
    names(folder).flatMap { name in isText(name) ? ["\(folder)/\(name)"] : paths(below: "\(folder)/\(name)") }
  }

  private static func isText(_ name: String) -> Bool { name.hasSuffix(".swift") || name.hasSuffix(".md") }

  /// The visible entries of a folder; empty if there is no such folder, or if it is a file.
  private static func names(_ folder: String) -> [String] {
    let names = (try? FileSystem.names(in: folder)) ?? []
    return names.filter { !$0.hasPrefix(".") }
  }
}
