public import UnrollArrays
package import UnrollFiles

/// Why a file cannot become the model or the values that a program asks for, and what of it.
///
///     do throws(LoadingError) {
///       try model.load(from: "model.safetensors")
///     } catch {
///       print(error)  // model.safetensors: No such file or directory
///     }
public struct LoadingError: Error, Equatable, Sendable {
  /// The sort of failure, for programs; `reason` is for people.
  public enum Kind: Equatable, Sendable {
    /// The file cannot be read, or does not follow its format.
    case unreadable(ArrayFileError.Kind)
    /// The file can be read, but it is not as it was written.
    case damaged
    /// The file has nothing of that name.
    case missing
    /// The file has parameters of another model.
    case parameters(ParameterMismatch)
    /// The file has something else under that name than what was asked for.
    case different
  }

  /// What sort of failure it is.
  public let kind: Kind
  /// What is wrong, as a sentence without its place.
  public let reason: String
  /// The name in the file, if the failure has one.
  public let name: String?
  /// The path of the file, if there is one.
  public let file: String?

  package init(_ kind: Kind, _ reason: String, name: String? = nil, file: String? = nil) {
    self.kind = kind
    self.reason = reason
    self.name = name
    self.file = file
  }

  /// The error of a file that cannot be read.
  package init(_ error: ArrayFileError) {
    var reason = error.reason
    if let offset = error.offset { reason = "byte \(offset): \(reason)" }
    self.init(.unreadable(error.kind), reason, name: error.array, file: error.file)
  }
}

extension LoadingError: CustomStringConvertible {
  /// The place and the reason, as one line.
  public var description: String {
    [file, name.flatMap { $0.isEmpty ? nil : "\"\($0)\"" }, reason].compactMap { $0 }.joined(separator: ": ")
  }
}

/// How the parameters in a file are not those of a model.
///
///     let mismatch = ParameterMismatch(missing: ["bias"])
///     print(mismatch)  // missing: bias
public struct ParameterMismatch: Equatable, Sendable, CustomStringConvertible {
  /// The names that the model has and the file has not.
  public var missing: [String]
  /// The names that the file has and the model has not.
  public var unexpected: [String]
  /// The names that both have, with what differs: "weight is float32 [3, 4] in the file, float32 [3, 5] in the model".
  public var misshapen: [String]

  /// A list of what differs.
  public init(missing: [String] = [], unexpected: [String] = [], misshapen: [String] = []) {
    self.missing = missing
    self.unexpected = unexpected
    self.misshapen = misshapen
  }

  /// All names, after what is wrong with them; of more than eight, the first eight.
  public var description: String {
    [("missing", missing), ("unexpected", unexpected), ("misshapen", misshapen)].filter { !$0.1.isEmpty }
      .map { what, names in "\(what): " + names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : "") }
      .joined(separator: "; ")
  }

  var isEmpty: Bool { missing.isEmpty && unexpected.isEmpty && misshapen.isEmpty }
}
