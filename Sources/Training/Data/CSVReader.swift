internal import UnrollArrays

/// Reads the rows of a table byte by byte. A `Character` could combine a separator with a mark that follows it.
struct CSVReader {
  private let bytes: [UInt8]
  private let separator: [UInt8]
  private var position = 0
  private var line = 1

  init(_ text: String, _ separator: Character) {
    bytes = Array(text.utf8)
    self.separator = Array(separator.utf8)
  }

  static func isLineEnd(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }

  private static let quote = UInt8(ascii: "\"")

  /// The next row that is not empty, and the line on which it begins.
  mutating func row() throws(DataFileError) -> (fields: [String], line: Int)? {
    while position < bytes.count && Self.isLineEnd(bytes[position]) { step() }
    if position == bytes.count { return nil }
    let start = line
    var fields = [try field()]
    while isSeparator {
      position += separator.count
      fields.append(try field())
    }
    return (fields, start)
  }

  private var isSeparator: Bool {
    position + separator.count <= bytes.count && bytes[position] == separator[0] && bytes[position...].starts(with: separator)
  }

  private var isAtEnd: Bool { position == bytes.count || Self.isLineEnd(bytes[position]) }

  /// Advances past a byte, or past a carriage return and line feed, which are one line end.
  private mutating func step() {
    let byte = bytes[position]
    position += 1
    if !Self.isLineEnd(byte) { return }
    line += 1
    if byte == UInt8(ascii: "\r") && position < bytes.count && bytes[position] == UInt8(ascii: "\n") { position += 1 }
  }

  private mutating func field() throws(DataFileError) -> String {
    if position < bytes.count && bytes[position] == Self.quote { return try quotedField() }
    let start = position
    while !isAtEnd && !isSeparator {
      if bytes[position] == Self.quote {
        throw DataFileError(.malformed, "a quote inside a field that does not begin with one", line: line)
      }
      position += 1
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func quotedField() throws(DataFileError) -> String {
    let start = line
    var field: [UInt8] = []
    position += 1
    while position < bytes.count {
      let place = position
      step()
      if bytes[place] != Self.quote {
        field += bytes[place..<position]
      } else if position < bytes.count && bytes[position] == Self.quote {
        field.append(Self.quote)
        position += 1
      } else if isAtEnd || isSeparator {
        return String(decoding: field, as: UTF8.self)
      } else {
        let next = String(decoding: bytes[position...].prefix(32), as: UTF8.self).prefix(1)
        throw DataFileError(.malformed, "\(quoted(next)) after the closing quote of a field", line: line)
      }
    }
    throw DataFileError(.malformed, "the opening quote of a field is never closed", line: start)
  }
}
