/// A text compared by its bytes: the key for names in a file.
///
/// Swift's own comparison treats canonically equivalent spellings as equal, and hashing normalises them first. But a file may
/// have names in both spellings, and normalising many combining marks on one letter takes quadratic time.
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
  /// Whether the bytes are equal; different spellings of the same letters are not.
  package func hasBytes(of other: some StringProtocol) -> Bool { utf8.elementsEqual(other.utf8) }

  /// Whether the bytes precede the other's in lexicographic order.
  package func precedesInBytes(_ other: some StringProtocol) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }
}

extension String {
  /// Whether at most 30 combining marks follow a letter, as in Unicode's Stream-Safe Text Format (UAX 15): Swift hashes and
  /// compares such a text in linear time.
  var isStreamSafe: Bool {
    var marks = 0
    for scalar in unicodeScalars {
      // There are no combining marks below U+0300.
      let isMark = scalar.value >= 0x300 && scalar.properties.canonicalCombiningClass != .notReordered
      marks = isMark ? marks + 1 : 0
      if marks > 30 { return false }
    }
    return true
  }
}

/// Throws if Swift cannot process a name from a file in reasonable time.
func requireStreamSafe(_ name: String, at offset: Int) throws(ArrayFileError) {
  if !name.isStreamSafe {
    throw ArrayFileError(.excessive, "the name \(quoted(name)) has more than 30 marks on one letter", at: offset)
  }
}

/// A dictionary by the names of a file. Throws where two names are spellings of the same letters, since a dictionary can hold
/// only one.
func byName<Value>(
  _ names: [String], in file: String?, _ value: (String) throws(ArrayFileError) -> Value
) throws(ArrayFileError) -> [String: Value] {
  var values: [String: Value] = [:]
  for name in names {
    if values.updateValue(try value(name), forKey: name) != nil {
      throw ArrayFileError(
        .unsupported,
        "two names spell \(quoted(name)) in different bytes but are equal as dictionary keys; read them one by one", file: file
      )
    }
  }
  return values
}
