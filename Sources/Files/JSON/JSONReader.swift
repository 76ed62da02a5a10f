/// A pull parser for JSON (RFC 8259) from untrusted bytes: strict UTF-8, a limit on depth, no duplicate names in an object, a
/// position in every error, time and memory linear in the input. The caller states what it expects next; it can skip values,
/// which are still checked.
package struct JSONReader {
  private let bytes: [UInt8]
  private let base: Int
  private let maximumDepth: Int
  private var depth = 0
  private var position = 0

  /// - Parameters:
  ///   - base: The offset of the bytes in the file, from which positions in errors count.
  ///   - maximumDepth: The largest nesting depth of objects and arrays.
  package init(_ bytes: [UInt8], at base: Int = 0, maximumDepth: Int = 64) throws(ArrayFileError) {
    self.bytes = bytes
    self.base = base
    self.maximumDepth = maximumDepth
    do throws(UTF8.ValidationError) {
      _ = try UTF8Span(validating: bytes.span)
    } catch {
      throw ArrayFileError(.malformed, "the JSON text is not valid UTF-8", at: base + error.byteOffsets.lowerBound)
    }
  }

  /// The offset of the next value in the file.
  package mutating func offset() -> Int {
    skipSpace()
    return base + position
  }

  /// The first byte of the next value, which tells its type; nil at the end.
  package mutating func peek() -> UInt8? {
    skipSpace()
    return current
  }

  /// Throws if anything but whitespace follows.
  package mutating func end() throws(ArrayFileError) {
    if peek() != nil { throw error("expected the end of the text after the JSON value") }
  }

  /// Calls `member` for each member of an object. It must read or skip the value.
  package mutating func object(
    _ member: (inout JSONReader, _ name: String) throws(ArrayFileError) -> Void
  ) throws(ArrayFileError) {
    try open(UInt8(ascii: "{"), "an object")
    var names: Set<ByteKey> = []
    var isFirst = true
    while try !closes(UInt8(ascii: "}"), isFirst: isFirst, "an object") {
      isFirst = false
      let place = offset()
      let name = try string()
      try requireStreamSafe(name, at: place)
      if !names.insert(ByteKey(name)).inserted {
        throw ArrayFileError(.inconsistent, "the name \(quoted(name)) occurs twice in one object", at: place)
      }
      if peek() != UInt8(ascii: ":") { throw error("expected \":\" after a name") }
      position += 1
      try member(&self, name)
    }
  }

  /// Calls `element` for each element of an array. It must read or skip the value.
  package mutating func array(_ element: (inout JSONReader) throws(ArrayFileError) -> Void) throws(ArrayFileError) {
    try open(UInt8(ascii: "["), "an array")
    var isFirst = true
    while try !closes(UInt8(ascii: "]"), isFirst: isFirst, "an array") {
      isFirst = false
      try element(&self)
    }
  }

  /// `true`, `false` or `null` (nil).
  package mutating func truth() throws(ArrayFileError) -> Bool? {
    for (word, value) in [("true", true), ("false", false), ("null", nil)] as [(StaticString, Bool?)] {
      if peek() == word.utf8Start.pointee {
        for index in 0..<word.utf8CodeUnitCount {
          if position >= bytes.count || bytes[position] != word.utf8Start[index] { throw error("expected \"\(word)\"") }
          position += 1
        }
        return value
      }
    }
    throw error("expected true, false or null")
  }

  /// Skips one value of any type.
  package mutating func skip() throws(ArrayFileError) {
    switch peek() {
    case UInt8(ascii: "{"): try object { (reader, _) throws(ArrayFileError) in try reader.skip() }
    case UInt8(ascii: "["): try array { (reader) throws(ArrayFileError) in try reader.skip() }
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"): _ = try truth()
    default: _ = try number()
    }
  }

  private mutating func open(_ bracket: UInt8, _ what: String) throws(ArrayFileError) {
    if peek() != bracket { throw error("expected \(what)") }
    if depth == maximumDepth {
      throw ArrayFileError(.excessive, "the JSON text is more than \(maximumDepth) levels deep", at: base + position)
    }
    depth += 1
    position += 1
  }

  /// Whether the object or array ends here; if not, consumes the comma.
  private mutating func closes(_ bracket: UInt8, isFirst: Bool, _ what: String) throws(ArrayFileError) -> Bool {
    let next = peek()
    if next == bracket {
      position += 1
      depth -= 1
      return true
    }
    if isFirst { return false }
    if next != UInt8(ascii: ",") { throw error("expected \",\" or the end of \(what)") }
    position += 1
    return false
  }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  /// The error of an unmet expectation at the present position.
  private func error(_ expectation: String) -> ArrayFileError {
    if position >= bytes.count {
      return ArrayFileError(.truncated, "the JSON text ends: \(expectation)", at: base + bytes.count)
    }
    return ArrayFileError(.malformed, expectation, at: base + position)
  }
}

extension JSONReader {
  /// A number as its text, so that integers stay exact.
  package mutating func number() throws(ArrayFileError) -> String {
    skipSpace()
    let start = position
    if current == UInt8(ascii: "-") { position += 1 }
    if current == UInt8(ascii: "0") { position += 1 } else { try digits("expected a value") }
    if current == UInt8(ascii: ".") {
      position += 1
      try digits("expected a digit after the point")
    }
    if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      position += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
      try digits("expected a digit in the exponent")
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  /// A number that is an integer and fits `Int`.
  package mutating func integer() throws(ArrayFileError) -> Int {
    let place = offset()
    let text = try number()
    if let value = Int(text) { return value }
    throw ArrayFileError(.malformed, "\(quoted(text)) is not an integer of 64 bits", at: place)
  }

  private mutating func digits(_ expectation: String) throws(ArrayFileError) {
    let start = position
    while let byte = current, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
    if position == start { throw error(expectation) }
  }

  package mutating func string() throws(ArrayFileError) -> String {
    if peek() != UInt8(ascii: "\"") { throw error("expected a string") }
    position += 1
    let start = position
    var text: [UInt8] = []
    var copied = position
    while let byte = current {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        if copied == start { return String(decoding: bytes[start..<position - 1], as: UTF8.self) }
        text += bytes[copied..<position - 1]
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        text += bytes[copied..<position]
        try escape(into: &text)
        copied = position
      case 0..<0x20:
        throw error("unescaped control character in a string")
      default:
        position += 1
      }
    }
    throw error("a string has no closing quote")
  }

  private mutating func escape(into text: inout [UInt8]) throws(ArrayFileError) {
    let place = position
    position += 1
    let letter = current
    position += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(bytes[place + 1])
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      var code = try fourDigits()
      if 0xD800..<0xDC00 ~= code, current == UInt8(ascii: "\\") {
        position += 1
        guard current == UInt8(ascii: "u") else { throw error("expected the second half of a surrogate pair") }
        position += 1
        let low = try fourDigits()
        if 0xDC00..<0xE000 ~= low { code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00) }
      }
      guard let scalar = Unicode.Scalar(code) else {
        throw ArrayFileError(.malformed, "half of a surrogate pair without the other half", at: base + place)
      }
      text += UTF8.encode(scalar).map { [UInt8]($0) } ?? []
    default:
      position = min(place + 1, bytes.count)
      throw error("unknown escape in a string")
    }
  }

  private mutating func fourDigits() throws(ArrayFileError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw error("expected four hexadecimal digits")
      }
      code = code << 4 | UInt32(digit)
      position += 1
    }
    return code
  }
}
