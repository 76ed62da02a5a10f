/// An error of an array file and its place. Every reader and writer of files throws this type and no other.
///
///     do {
///       let model = try Safetensors.read("model.safetensors")
///       print(model.count)
///     } catch {
///       print(error)  // model.safetensors: No such file or directory
///     }
public struct ArrayFileError: Error, Equatable, Sendable {
  /// The kind of failure, for programs; `reason` is for people.
  public enum Kind: Equatable, Sendable {
    /// The operating system refused: its error number.
    case system(Int32)
    /// The file is shorter than it declares.
    case truncated
    /// The bytes do not follow the format.
    case malformed
    /// Sizes, offsets, names or checksums contradict one another.
    case inconsistent
    /// Legal, but larger than this library accepts or than the size of the file can justify.
    case excessive
    /// Legal, but a kind of file or number that this library does not read.
    case unsupported
    /// The file has no array of that name.
    case missing
    /// The numbers are not of the requested kind.
    case mismatched
    /// Numbers that must be finite are not.
    case notFinite
  }

  /// The kind of failure.
  public let kind: Kind
  /// The problem, as a sentence without its place.
  public let reason: String
  /// The path of the file; nil for bytes in memory.
  public internal(set) var file: String?
  /// The byte offset in the file, if the failure has one.
  public internal(set) var offset: Int?
  /// The name of the array, if the failure belongs to one.
  public internal(set) var array: String?

  init(_ kind: Kind, _ reason: String, at offset: Int? = nil, array: String? = nil, file: String? = nil) {
    self.kind = kind
    self.reason = reason
    self.offset = offset
    self.array = array
    self.file = file
  }
}

extension ArrayFileError {
  /// The error of refusing to write numbers that are not finite.
  package init(notFinite array: String, file: String) {
    self.init(
      .notFinite, "it holds NaN or infinity, so the file was not replaced", array: array, file: file)
  }
}

extension ArrayFileError: CustomStringConvertible {
  /// The place and the reason, as one line.
  public var description: String {
    var place = [file ?? "bytes in memory"]
    if let offset { place.append("byte \(offset)") }
    if let array { place.append("array \(quoted(array))") }
    return place.joined(separator: ", ") + ": " + reason
  }
}

extension ArrayFileError {
  /// The same error with a place added. A place that is set already stays, but an offset moves by `shift`.
  func located(file: String? = nil, array: String? = nil, shift: Int = 0) -> ArrayFileError {
    var error = self
    error.file = error.file ?? file
    error.array = error.array ?? array
    error.offset = offset.map { $0 + shift }
    return error
  }
}

/// A text from a file, quoted for a message: on one line, and shortened if long.
func quoted(_ text: String) -> String {
  var result = "\""
  for (index, scalar) in text.unicodeScalars.enumerated() {
    if index == 60 { return result + "…\"" }
    result += scalar.escaped(asASCII: false)
  }
  return result + "\""
}
