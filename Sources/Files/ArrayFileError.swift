/// What went wrong with an array file, and where: every reader and writer of files throws this and nothing else.
///
///     do {
///       let model = try Safetensors.read("model.safetensors")
///       print(model.count)
///     } catch {
///       print(error)  // model.safetensors: No such file or directory
///     }
public struct ArrayFileError: Error, Equatable, Sendable {
  /// The sort of failure, for programs; `reason` is for people.
  public enum Kind: Equatable, Sendable {
    /// The operating system refused: its error number.
    case system(Int32)
    /// The file ends before what it announces.
    case truncated
    /// The bytes do not follow the format.
    case malformed
    /// Sizes, offsets, names or checksums contradict one another.
    case inconsistent
    /// Legal, but more than this library takes or than the file can justify.
    case excessive
    /// Legal, but not a kind of file or number that this library reads.
    case unsupported
    /// The file has no array of that name.
    case missing
    /// The numbers are not of the kind that was asked for.
    case mismatched
    /// Numbers that must be finite to be kept are not.
    case notFinite
  }

  /// What sort of failure it is.
  public let kind: Kind
  /// What is wrong, as a sentence without its place.
  public let reason: String
  /// The path of the file; nil for bytes in memory.
  public internal(set) var file: String?
  /// Where in the file, in bytes, if the failure has such a place.
  public internal(set) var offset: Int?
  /// Which array of the file, if the failure belongs to one.
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
  /// The error of numbers that are not kept because they are not finite.
  package init(notFinite array: String, file: String) {
    self.init(
      .notFinite, "it holds NaN or infinity, from which nothing can go on: the file stays as it was", array: array, file: file)
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
  /// The same error with what its thrower could not know. What is already there stays, but an offset moves by `shift`.
  func located(file: String? = nil, array: String? = nil, shift: Int = 0) -> ArrayFileError {
    var error = self
    error.file = error.file ?? file
    error.array = error.array ?? array
    error.offset = offset.map { $0 + shift }
    return error
  }
}

/// A text from a file as it may stand in a message: in quotes, on one line, not endless.
func quoted(_ text: String) -> String {
  var result = "\""
  for (index, scalar) in text.unicodeScalars.enumerated() {
    if index == 60 { return result + "…\"" }
    result += scalar.escaped(asASCII: false)
  }
  return result + "\""
}
