/// Reads the Python dictionary of an npy header: exactly the keys `descr`, `fortran_order` and `shape`, in any order, with
/// literals of the kinds that NumPy writes for plain numbers.
struct NPYDictionary {
  private(set) var descr = ""
  private(set) var fortranOrder = false
  private(set) var shape: [Int] = []
  private(set) var descrOffset = 0
  private(set) var shapeOffset = 0

  private let text: [UInt8]
  private let base: Int
  private var position = 0

  /// - Parameter base: The offset of the text in the file.
  init(_ text: [UInt8], at base: Int) {
    self.text = text
    self.base = base
  }

  mutating func read() throws(ArrayFileError) {
    var found: Set<String> = []
    try expect("{")
    while peek() != UInt8(ascii: "}") {
      let place = base + position
      let key = try string()
      if !found.insert(key).inserted {
        throw ArrayFileError(.inconsistent, "the header has the key \(quoted(key)) twice", at: place)
      }
      try expect(":")
      _ = peek()
      switch key {
      case "descr":
        descrOffset = base + position
        if peek() == UInt8(ascii: "[") {
          throw ArrayFileError(.unsupported, "arrays of records are not supported", at: descrOffset)
        }
        descr = try string()
      case "fortran_order":
        fortranOrder = try truth()
      case "shape":
        shapeOffset = base + position
        shape = try tuple()
      default:
        throw ArrayFileError(.malformed, "the header has the unknown key \(quoted(key))", at: place)
      }
      if peek() != UInt8(ascii: "}") { try expect(",") }
    }
    position += 1
    if peek() != nil { throw error("the end of the header") }
    for key in ["descr", "fortran_order", "shape"] where !found.contains(key) {
      throw ArrayFileError(.malformed, "the header lacks the key \"\(key)\"", at: base)
    }
  }

  /// The next byte that is not space.
  private mutating func peek() -> UInt8? {
    while position < text.count, text[position] == 0x20 || text[position] == 0x0A { position += 1 }
    return position < text.count ? text[position] : nil
  }

  private func error(_ expected: String) -> ArrayFileError {
    ArrayFileError(.malformed, "expected \(expected) in the npy header", at: base + position)
  }

  private mutating func expect(_ symbol: Unicode.Scalar) throws(ArrayFileError) {
    if peek() != UInt8(ascii: symbol) { throw error("\"\(symbol)\"") }
    position += 1
  }

  private mutating func string() throws(ArrayFileError) -> String {
    guard let quote = peek(), quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else { throw error("a string") }
    position += 1
    let start = position
    while position < text.count, text[position] != quote {
      if text[position] == UInt8(ascii: "\\") || !(0x20..<0x7F).contains(text[position]) { throw error("a plain string") }
      position += 1
    }
    if position == text.count { throw error("a closing quote") }
    position += 1
    return String(decoding: text[start..<position - 1], as: UTF8.self)
  }

  private mutating func truth() throws(ArrayFileError) -> Bool {
    for (word, value) in [("True", true), ("False", false)] where text[position...].starts(with: word.utf8) {
      position += word.utf8.count
      return value
    }
    throw error("True or False")
  }

  private mutating func tuple() throws(ArrayFileError) -> [Int] {
    var extents: [Int] = []
    try expect("(")
    while peek() != UInt8(ascii: ")") {
      extents.append(try integer())
      if peek() == UInt8(ascii: ",") {
        position += 1
      } else if extents.count == 1 || peek() != UInt8(ascii: ")") {
        throw error("\",\"")
      }
    }
    position += 1
    return extents
  }

  private mutating func integer() throws(ArrayFileError) -> Int {
    let start = position
    while position < text.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[position]) { position += 1 }
    if position == start { throw error("an extent") }
    let digits = String(decoding: text[start..<position], as: UTF8.self)
    guard let value = Int(digits) else {
      throw ArrayFileError(.excessive, "the extent \(quoted(digits)) is too large", at: base + start)
    }
    // Python 2 wrote an L after long integers.
    if position < text.count, text[position] == UInt8(ascii: "L") { position += 1 }
    return value
  }
}
