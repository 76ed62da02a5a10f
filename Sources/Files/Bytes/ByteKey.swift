/// A text by its bytes: what a name of a file is known by.
///
/// Swift's own comparison calls two spellings of the same letters equal, and hashing brings each into one of them first. But a file may
/// have names in both, and marks heaped on one letter take a time that grows with the square of their number.
package struct ByteKey: Hashable, Sendable {
  package let text: String

  package init(_ text: some StringProtocol) { self.text = String(text) }

  package static func == (a: ByteKey, b: ByteKey) -> Bool { a.text.utf8.elementsEqual(b.text.utf8) }

  package func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}

extension StringProtocol {
  /// Whether the bytes are the same: two spellings of the same letters are not.
  package func hasBytes(of other: some StringProtocol) -> Bool { utf8.elementsEqual(other.utf8) }

  /// Whether the bytes come first in order.
  package func precedesInBytes(_ other: some StringProtocol) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }
}

extension String {
  /// Whether no more than 30 marks stand on a letter, as Unicode's Stream-Safe Text Format (UAX 15) has it: such a text may be hashed
  /// and compared by Swift in a time that grows with its length alone.
  var isStreamSafe: Bool {
    var marks = 0
    for scalar in unicodeScalars {
      // No mark comes before these.
      let isMark = scalar.value >= 0x300 && scalar.properties.canonicalCombiningClass != .notReordered
      marks = isMark ? marks + 1 : 0
      if marks > 30 { return false }
    }
    return true
  }
}

/// Throws if a name from a file cannot be handled as a Swift text in reasonable time.
func requireStreamSafe(_ name: String, at offset: Int) throws(ArrayFileError) {
  if !name.isStreamSafe {
    throw ArrayFileError(.excessive, "the name \(quoted(name)) has more than 30 marks on one letter", at: offset)
  }
}

/// A dictionary of a file's names. Throws where two of them are spellings of the same letters, of which a dictionary can have one.
func byName<Value>(
  _ names: [String], in file: String?, _ value: (String) throws(ArrayFileError) -> Value
) throws(ArrayFileError) -> [String: Value] {
  var values: [String: Value] = [:]
  for name in names {
    if values.updateValue(try value(name), forKey: name) != nil {
      throw ArrayFileError(
        .unsupported,
        "two names spell \(quoted(name)) in different bytes, which a dictionary takes for one; read them one by one", file: file
      )
    }
  }
  return values
}
