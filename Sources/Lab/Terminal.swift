internal import UnrollArrays
internal import UnrollFiles

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#elseif canImport(WASILibc)
  import WASILibc
#else
  import Darwin
#endif

/// The terminal or file that output goes to: its width, and whether it shows colours.
struct Terminal {
  var isColoured = false
  var columns = 100

  init(isColoured: Bool = false, columns: Int = 100) { (self.isColoured, self.columns) = (isColoured, columns) }

  /// Colours are used only on a terminal that supports them, unless NO_COLOR is set (no-color.org). Lines are as wide as the
  /// terminal, if it reports its width, within a readable range.
  init(isTerminal: Bool, columns: Int?, environment: [String: String]) {
    isColoured =
      showsEscapes(isTerminal: isTerminal, type: environment["TERM"]) && (environment["NO_COLOR"] ?? "").isEmpty
    if isTerminal, let columns { self.columns = min(max(columns, 20), 130) }
  }

  /// Standard output.
  static var standard: Terminal {
    var environment: [String: String] = [:]
    for name in ["TERM", "NO_COLOR"] { environment[name] = unsafe getenv(name).map { unsafe String(cString: $0) } }
    var size = winsize()
    let isKnown = unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return Terminal(
      isTerminal: isatty(STDOUT_FILENO) == 1, columns: isKnown ? Int(size.ws_col) : nil, environment: environment)
  }

  func strong(_ text: String) -> String { isColoured ? "\u{1B}[1m\(text)\u{1B}[0m" : text }

  /// A verdict whose first word has a colour according to its meaning.
  func coloured(_ sentence: String) -> String {
    guard isColoured, let end = sentence.firstIndex(of: ":") else { return sentence }
    let codes = ["vanishes": 34, "fails": 34, "fades": 36, "arrives": 32, "learns": 32, "grows": 33, "explodes": 31]
    guard let code = codes[String(sentence[..<end])] else { return sentence }
    return "\u{1B}[\(code)m\(sentence[..<end])\u{1B}[0m" + sentence[end...]
  }

  /// Names, each with a sentence beside it that may take several lines, or below it if the terminal is too narrow.
  func table(
    _ rows: [(name: String, sentence: String)], painted: (String) -> String = { $0 }
  ) -> [String] {
    let width = min(36, rows.map(\.name.count).max() ?? 0)
    let room = columns - width - 4
    return rows.flatMap { name, sentence in
      if room < 30 {
        return wrapped(name, columns - 2).map { "  " + strong($0) }
          + wrapped(sentence, columns - 4).map { "    " + painted($0) }
      }
      return wrapped(sentence, room).enumerated().map { index, line in
        "  " + strong(padded(index == 0 ? name : "", width)) + "  " + painted(line)
      }
    }
  }
}

/// Prints the reason for giving up in one line, and ends the program.
func complain(_ sentence: String, code: Int32 = 2) -> Never {
  writeToStandardError("unroll-lab: \(sentence)\n")
  exit(code)
}
