internal import UnrollTraining

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
