internal import UnrollArrays
internal import UnrollFiles

/// Reading of text files in UTF-8.
public enum TextFile {
  /// The contents of a file as text, without a byte-order mark at the beginning.
  ///
  ///     let text = try TextFile.read("verses.txt")
  ///     let vocabulary = CharacterVocabulary(text)
  public static func read(_ path: String) throws(DataFileError) -> String {
    let bytes: [UInt8]
    do {
      let file = try FileBytes(path)
      bytes = try file.bytes("the text", at: 0, count: file.count)
    } catch {
      throw DataFileError(error)
    }
    do { return try text(bytes) } catch { throw error.located(path) }
  }

  /// Decodes bytes as text.
  public static func text(_ bytes: [UInt8]) throws(DataFileError) -> String {
    if let offset = firstInvalid(bytes) {
      let byte = String(bytes[offset], radix: 16)
      throw DataFileError(.encoding, "the byte 0x\(byte) does not begin or end a character of UTF-8 here", offset: offset)
    }
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    return String(decoding: bytes.starts(with: mark) ? bytes.dropFirst(3) : bytes[...], as: UTF8.self)
  }

  /// The offset of the first invalid character.
  private static func firstInvalid(_ bytes: [UInt8]) -> Int? {
    var position = 0
    while position < bytes.count {
      let first = bytes[position]
      if first < 0x80 {
        position += 1
        continue
      }
      // The range of the second byte excludes overlong forms, surrogates, and values beyond Unicode.
      let (length, second): (Int, ClosedRange<UInt8>)
      switch first {
      case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
      case 0xE0: (length, second) = (3, 0xA0...0xBF)
      case 0xED: (length, second) = (3, 0x80...0x9F)
      case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
      case 0xF0: (length, second) = (4, 0x90...0xBF)
      case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
      case 0xF4: (length, second) = (4, 0x80...0x8F)
      default: return position
      }
      if position + length > bytes.count || !second.contains(bytes[position + 1]) { return position }
      for next in bytes[(position + 2)..<(position + length)] where next & 0xC0 != 0x80 { return position }
      position += length
    }
    return nil
  }

  /// The lines of a text; each ends with a line feed, or with a carriage return and a line feed.
  static func lines(_ text: String) -> [Substring] {
    var lines = parts(text, UInt8(ascii: "\n"))
    for i in lines.indices.dropLast() where lines[i].utf8.last == UInt8(ascii: "\r") {
      lines[i] = Substring(lines[i].utf8.dropLast())
    }
    return lines
  }

  /// The parts of a text between ASCII separators. It splits bytes because comparing characters is slow, and a mark after a
  /// separator would hide it.
  static func parts(_ text: some StringProtocol, _ separator: UInt8) -> [Substring] {
    Substring(text).utf8.split(separator: separator, omittingEmptySubsequences: false).map { Substring($0) }
  }

  /// Parses a number of a file, with surrounding white space removed; nil if the text is not a number.
  static func number(_ text: some StringProtocol) -> Double? {
    let trimmed = trimmed(text)
    // Swift also parses hexadecimal numbers, which do not occur in tables.
    if trimmed.utf8.contains(where: { $0 == UInt8(ascii: "x") || $0 == UInt8(ascii: "X") }) { return nil }
    return Double(trimmed)
  }

  /// The text without surrounding white space.
  static func trimmed(_ text: some StringProtocol) -> String {
    let start = text.drop(while: \.isWhitespace)
    guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(start[...end])
  }
}
