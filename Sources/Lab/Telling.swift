internal import UnrollGradientFlow

extension Story {
  /// The story for a person at a terminal.
  func text(_ paths: [String], on terminal: Terminal) -> String {
    var lines = [terminal.strong(title), ""] + wrapped(introduction.joined(separator: " "), terminal.columns) + [""]
    lines += table(words.map { ($0.word, $0.meaning) }, terminal) { $0 }
    lines += table(findings.map { ($0.name, $0.sentence) }, terminal, terminal.coloured)
    for picture in pictures where picture.isForTerminal {
      lines.append(
        picture.grid.terminal(
          columns: min(terminal.columns, 110), rows: picture.grid.plots.count > 2 ? 36 : 18, color: terminal.isColoured))
    }
    for sentence in conclusion { lines += wrapped("\u{2192} " + sentence, terminal.columns) }
    if !paths.isEmpty { lines += [""] + ["Pictures:"] }
    for (path, picture) in zip(paths, pictures) {
      lines += ["  " + terminal.strong(path)] + wrapped(picture.look, terminal.columns - 4).map { "    " + $0 }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Names, and beside each a sentence in as many lines as it takes; an empty line behind them.
  private func table(
    _ rows: [(name: String, sentence: String)], _ terminal: Terminal, _ painted: (String) -> String
  ) -> [String] {
    let width = min(36, rows.map(\.name.count).max() ?? 0)
    let lines = rows.flatMap { name, sentence in
      wrapped(sentence, max(30, terminal.columns - width - 4)).enumerated().map { index, line in
        "  " + terminal.strong(padded(index == 0 ? name : "", width)) + "  " + painted(line)
      }
    }
    return lines.isEmpty ? [] : lines + [""]
  }

  /// The findings for a program.
  func json(_ paths: [String]) -> String {
    let findings = findings.map { finding in
      let numbers = finding.numbers.map { "\(quoted($0.name)): \($0.value.isFinite ? "\($0.value)" : "null")" }
      return "    {\"name\": \(quoted(finding.name)), \"verdict\": \(quoted(finding.sentence)), \"numbers\": {"
        + numbers.joined(separator: ", ") + "}}"
    }
    return "{\n  \"title\": \(quoted(title)),\n  \"findings\": [\n" + findings.joined(separator: ",\n")
      + "\n  ],\n  \"pictures\": [" + paths.map(quoted).joined(separator: ", ") + "]\n}\n"
  }
}

/// A text as JSON writes it.
func quoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case _ where scalar.value < 32:
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}

/// A text in lines of at most a width, broken at spaces.
func wrapped(_ text: String, _ width: Int) -> [String] {
  var lines: [String] = []
  var line = ""
  for word in text.split(separator: " ") {
    if !line.isEmpty, line.count + 1 + word.count > width {
      lines.append(line)
      line = ""
    }
    line += (line.isEmpty ? "" : " ") + word
  }
  return lines + [line]
}
