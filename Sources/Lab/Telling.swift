internal import UnrollArrays
internal import UnrollFiles
internal import UnrollGradientFlow

extension Story {
  /// The story as text for a terminal.
  func text(_ paths: [String], on terminal: Terminal) -> String {
    var lines = wrapped(title, terminal.columns).map(terminal.strong) + [""]
    lines += wrapped(introduction.joined(separator: " "), terminal.columns) + [""]
    for rows in [
      terminal.table(words.map { ($0.word, $0.meaning) }),
      terminal.table(findings.map { ($0.name, $0.sentence) }, painted: terminal.coloured),
    ] where !rows.isEmpty { lines += rows + [""] }
    for picture in pictures where picture.isForTerminal { lines.append(picture.grid.text(on: terminal)) }
    for sentence in conclusion { lines += wrapped("\u{2192} " + sentence, terminal.columns) }
    if !paths.isEmpty { lines += [""] + ["Pictures:"] }
    for (path, picture) in zip(paths, pictures) {
      lines += ["  " + terminal.strong(path)] + wrapped(picture.look, terminal.columns - 4).map { "    " + $0 }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The findings as JSON.
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

extension PlotGrid {
  /// The plots as text, with fewer of them in a row on a narrow terminal.
  fileprivate func text(on terminal: Terminal) -> String {
    let width = min(terminal.columns, 110)
    let beside = min(columns, max(1, (width + 2) / 26))
    if beside == columns {
      return self.terminal(columns: width, rows: plots.count > 2 ? 36 : 18, color: terminal.isColoured)
    }
    let grid = PlotGrid(title: title, columns: beside, sharesX: sharesX, sharesY: sharesY, plots)
    return grid.terminal(columns: width, rows: 18 * ((plots.count - 1) / beside + 1), color: terminal.isColoured)
  }
}

/// A text as a JSON string.
func quoted(_ text: String) -> String {
  var bytes: [UInt8] = []
  bytes.append(jsonString: text)
  return String(decoding: bytes, as: UTF8.self)
}

/// A text in lines of at most the given width, broken at spaces.
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
