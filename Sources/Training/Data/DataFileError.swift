public import UnrollArrays
internal import UnrollFiles

/// What is wrong with a file of data, and where: every reader of text, tables and series throws this and nothing else.
///
///     do {
///       let table = try CSVTable(contentsOf: "measurements.csv")
///       print(table.rows.count)
///     } catch {
///       print(error)  // measurements.csv, line 7: 3 fields, where the header has 4
///     }
public struct DataFileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The sort of failure, for programs; `reason` is for people.
  public enum Kind: Equatable, Sendable {
    /// The file cannot be read.
    case unreadable(ArrayFileError)
    /// The bytes are not UTF-8.
    case encoding
    /// The text does not follow the format.
    case malformed
    /// Legal, but not what this library reads.
    case unsupported
    /// There is nothing in it.
    case empty
    /// The table has no column of that name.
    case missing
  }

  /// What sort of failure it is.
  public let kind: Kind
  /// What is wrong, as a sentence without its place.
  public let reason: String
  /// The path of the file; nil for text in memory.
  public internal(set) var file: String?
  /// The line, counted from 1, if the failure has one.
  public let line: Int?
  /// The byte, counted from 0, if the failure has one.
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

  /// The place and the reason, as one line.
  public var description: String {
    var place = [file ?? "text in memory"]
    if let line { place.append("line \(line)") }
    if let offset { place.append("byte \(offset)") }
    return place.joined(separator: ", ") + ": " + reason
  }
}

/// A text from a file as it may stand in a message: in quotes, on one line, not endless.
func quoted(_ text: some StringProtocol) -> String {
  var result = "\""
  for (i, scalar) in text.unicodeScalars.enumerated() {
    if i == 40 { return result + "…\"" }
    result += scalar.properties.generalCategory == .control ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
  }
  return result + "\""
}
