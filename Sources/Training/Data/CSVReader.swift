internal import UnrollArrays

/// Walks through a table's rows, byte by byte: only so are a separator and what stands behind it never one character.
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

  /// The next row that is not empty, and the line it begins on.
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

  /// Passes a byte, or a carriage return and the line feed behind it, which end one line.
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
        throw DataFileError(.malformed, "a quote within a field that has none at its beginning", line: line)
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
        throw DataFileError(.malformed, "\(quoted(next)) behind the quote that ends a field", line: line)
      }
    }
    throw DataFileError(.malformed, "the quote that begins a field is never closed", line: start)
  }
}
