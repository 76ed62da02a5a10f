internal import UnrollArrays
public import UnrollFiles

/// The error of a file that cannot be loaded into the model or values that a program asks for.
///
///     do throws(LoadingError) {
///       try model.load(from: "model.safetensors")
///     } catch {
///       print(error)  // model.safetensors: No such file or directory
///     }
public struct LoadingError: Error, Equatable, Sendable {
  /// The kind of failure, for programs; `reason` is for people.
  public enum Kind: Equatable, Sendable {
    /// The file cannot be read, or violates its format.
    case unreadable(ArrayFileError.Kind)
    /// The file is readable, but its contents have changed since it was written.
    case damaged
    /// The file has no entry of that name.
    case missing
    /// The file's parameters do not match the model.
    case parameters(ParameterMismatch)
    /// The file's entry of that name is not of the requested kind.
    case different
  }

  /// The kind of failure.
  public let kind: Kind
  /// The reason as a sentence, without file and name.
  public let reason: String
  /// The name of the entry, if the failure has one.
  public let name: String?
  /// The path of the file, if there is one.
  public let file: String?

  package init(_ kind: Kind, _ reason: String, name: String? = nil, file: String? = nil) {
    self.kind = kind
    self.reason = reason
    self.name = name
    self.file = file
  }

  /// The error of an unreadable file.
  package init(_ error: ArrayFileError) {
    var reason = error.reason
    if let offset = error.offset { reason = "byte \(offset): \(reason)" }
    self.init(.unreadable(error.kind), reason, name: error.array, file: error.file)
  }
}

extension LoadingError: CustomStringConvertible {
  /// File, name and reason in one line.
  public var description: String {
    [file, name.flatMap { $0.isEmpty ? nil : "\"\($0)\"" }, reason].compactMap { $0 }.joined(separator: ": ")
  }
}

/// The differences between the parameters of a file and those of a model.
///
///     let mismatch = ParameterMismatch(missing: ["bias"])
///     print(mismatch)  // missing: bias
public struct ParameterMismatch: Equatable, Sendable, CustomStringConvertible {
  /// Names that only the model has.
  public var missing: [String]
  /// Names that only the file has.
  public var unexpected: [String]
  /// Names that both have, with the difference: "weight is float32 [3, 4] in the file, float32 [3, 5] in the model".
  public var misshapen: [String]

  /// A list of differences.
  public init(missing: [String] = [], unexpected: [String] = [], misshapen: [String] = []) {
    self.missing = missing
    self.unexpected = unexpected
    self.misshapen = misshapen
  }

  /// The names, grouped by kind of difference; at most eight of each kind.
  public var description: String {
    [("missing", missing), ("unexpected", unexpected), ("misshapen", misshapen)].filter { !$0.1.isEmpty }
      .map { what, names in "\(what): " + names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : "") }
      .joined(separator: "; ")
  }

  var isEmpty: Bool { missing.isEmpty && unexpected.isEmpty && misshapen.isEmpty }
}
