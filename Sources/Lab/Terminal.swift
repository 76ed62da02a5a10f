internal import UnrollArrays

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What the output goes to: how wide it is, and whether it shows colours.
struct Terminal {
  var isColoured = false
  var columns = 100

  /// Standard output: colours only on a terminal that has not been asked to do without.
  static var standard: Terminal {
    guard isatty(STDOUT_FILENO) == 1 else { return Terminal() }
    var size = winsize()
    let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return Terminal(isColoured: getenv("NO_COLOR") == nil, columns: isKnown ? min(max(Int(size.ws_col), 60), 130) : 100)
  }

  func strong(_ text: String) -> String { isColoured ? "\u{1B}[1m\(text)\u{1B}[0m" : text }

  /// A verdict with its first word coloured by what it means.
  func coloured(_ sentence: String) -> String {
    guard isColoured, let end = sentence.firstIndex(of: ":") else { return sentence }
    let codes = ["vanishes": 34, "fades": 36, "arrives": 32, "learns": 32, "grows": 33, "explodes": 31]
    guard let code = codes[String(sentence[..<end])] else { return sentence }
    return "\u{1B}[\(code)m\(sentence[..<end])\u{1B}[0m" + sentence[end...]
  }
}

/// Says why nothing more will be done, in one line, and ends the program.
func complain(_ sentence: String, code: Int32 = 2) -> Never {
  writeToStandardError("unroll-lab: \(sentence)\n")
  exit(code)
}
