/// A JSON value. Numbers keep their text, and members their order.
package enum JSON: Equatable, Sendable {
  case null
  case truth(Bool)
  case number(String)
  case string(String)
  case array([JSON])
  case object([Member])

  package struct Member: Equatable, Sendable {
    package let name: String
    package let value: JSON
  }

  /// Parses a text that consists of one value.
  package init(_ bytes: [UInt8]) throws(ArrayFileError) {
    var reader = try JSONReader(bytes)
    try self.init(from: &reader)
    try reader.end()
  }

  private init(from reader: inout JSONReader) throws(ArrayFileError) {
    switch reader.peek() {
    case UInt8(ascii: "{"):
      var members: [Member] = []
      try reader.object { (reader, name) throws(ArrayFileError) in
        members.append(Member(name: name, value: try JSON(from: &reader)))
      }
      self = .object(members)
    case UInt8(ascii: "["):
      var elements: [JSON] = []
      try reader.array { (reader) throws(ArrayFileError) in elements.append(try JSON(from: &reader)) }
      self = .array(elements)
    case UInt8(ascii: "\""): self = .string(try reader.string())
    case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"):
      self = try reader.truth().map { .truth($0) } ?? .null
    default: self = .number(try reader.number())
    }
  }
}

extension JSON {
  /// The member of that name; nil if this is not an object or has no such member.
  package subscript(name: String) -> JSON? { members.first { $0.name == name }?.value }

  /// The members of an object; empty for other values.
  package var members: [Member] {
    if case .object(let members) = self { members } else { [] }
  }

  /// The elements of an array; empty for other values.
  package var elements: [JSON] {
    if case .array(let elements) = self { elements } else { [] }
  }

  package var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  package var truth: Bool? {
    if case .truth(let value) = self { value } else { nil }
  }

  package var double: Double? {
    if case .number(let text) = self { Double(text) } else { nil }
  }

  /// The number, if it is an integer that fits 64 bits.
  package var integer: Int64? {
    if case .number(let text) = self { Int64(text) } else { nil }
  }
}

extension [UInt8] {
  /// Appends a text as a JSON string, escaping no more than JSON requires.
  package mutating func append(jsonString text: String) {
    append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): self += [UInt8(ascii: "\\"), byte]
      case 0x08: self += "\\b".utf8
      case 0x09: self += "\\t".utf8
      case 0x0A: self += "\\n".utf8
      case 0x0C: self += "\\f".utf8
      case 0x0D: self += "\\r".utf8
      case 0..<0x20: self += "\\u00\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16))".utf8
      default: append(byte)
      }
    }
    append(UInt8(ascii: "\""))
  }
}
