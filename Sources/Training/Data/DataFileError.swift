internal import UnrollArrays
public import UnrollFiles

/// The error of an invalid data file, with its place. It is the only error that readers of text, tables and series throw.
///
///     do {
///       let table = try CSVTable(contentsOf: "measurements.csv")
///       print(table.rows.count)
///     } catch {
///       print(error)  // measurements.csv, line 7: 3 fields, where the header has 4
///     }
public struct DataFileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The kind of failure, for programs; `reason` is for people.
  public enum Kind: Equatable, Sendable {
    /// The file cannot be read.
    case unreadable(ArrayFileError)
    /// The bytes are not UTF-8.
    case encoding
    /// The text violates the format.
    case malformed
    /// The text is valid, but uses a feature that this library does not support.
    case unsupported
    /// The file has no contents.
    case empty
    /// The table has no column of that name.
    case missing
  }

  /// The kind of failure.
  public let kind: Kind
  /// The reason as a sentence, without the place.
  public let reason: String
  /// The path of the file; nil for text in memory.
  public internal(set) var file: String?
  /// The line, counted from 1, if known.
  public let line: Int?
  /// The byte offset, counted from 0, if known.
  public let offset: Int?

  package init(_ kind: Kind, _ reason: String, line: Int? = nil, offset: Int? = nil, file: String? = nil) {
    self.kind = kind
    self.reason = reason
    self.line = line
    self.offset = offset
    self.file = file
  }

  init(_ error: ArrayFileError) {
    self.init(.unreadable(error), error.reason, offset: error.offset, file: error.file)
  }

  /// The same error with the file's path.
  func located(_ file: String?) -> DataFileError {
    var copy = self
    copy.file = copy.file ?? file
    return copy
  }

  /// The place and the reason in one line.
  public var description: String {
    var place = [file ?? "text in memory"]
    if let line { place.append("line \(line)") }
    if let offset { place.append("byte \(offset)") }
    return place.joined(separator: ", ") + ": " + reason
  }
}

/// A text from a file, quoted for a message: on one line and truncated.
func quoted(_ text: some StringProtocol) -> String {
  var result = "\""
  for (i, scalar) in text.unicodeScalars.enumerated() {
    if i == 40 { return result + "…\"" }
    result += scalar.properties.generalCategory == .control ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
  }
  return result + "\""
}
