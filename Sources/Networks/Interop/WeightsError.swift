public import UnrollArrays
public import UnrollFiles

/// What a set of named tensors has and a model has not, and the other way round.
public struct WeightsReport: Equatable, Sendable {
  /// A tensor of another shape than the model's.
  public struct Misshapen: Equatable, Sendable {
    /// The framework's name.
    public let name: String
    /// The shape that the model needs, in the framework's layout.
    public let expected: Shape
    /// The shape that is there.
    public let found: Shape
  }

  /// A tensor of another number type than the model's.
  public struct Mistyped: Equatable, Sendable {
    /// The framework's name.
    public let name: String
    /// The element type of the model's parameter.
    public let expected: ElementType
    /// The numbers that are there.
    public let found: ElementFormat
  }

  /// What the model needs and nobody gave.
  public internal(set) var missing: [String] = []
  /// What was given and no part of the model takes, by name.
  public internal(set) var unexpected: [String] = []
  /// What has another shape.
  public internal(set) var misshapen: [Misshapen] = []
  /// What has another type. float16 and bfloat16 widen to float32 exactly, and count as it.
  public internal(set) var mistyped: [Mistyped] = []

  /// Recurrent layers and cells that the framework does not have, each as a sentence with its name: they keep our names and layouts, so
  /// that a file of the framework cannot fill them.
  public internal(set) var unsupported: [String] = []

  /// Whether every tensor found its place.
  public var isComplete: Bool { missing.isEmpty && unexpected.isEmpty && misshapen.isEmpty && mistyped.isEmpty }
}

extension WeightsReport: CustomStringConvertible {
  /// One line for each sort of trouble, or that there is none.
  public var description: String {
    var lines: [String] = []
    if !missing.isEmpty { lines.append("missing: " + missing.joined(separator: ", ")) }
    if !unexpected.isEmpty { lines.append("unexpected: " + unexpected.joined(separator: ", ")) }
    if !misshapen.isEmpty {
      lines.append(
        "misshapen: " + misshapen.map { "\($0.name) is \($0.found) and should be \($0.expected)" }.joined(separator: ", "))
    }
    if !mistyped.isEmpty {
      lines.append(
        "mistyped: " + mistyped.map { "\($0.name) is \($0.found) and should be \($0.expected)" }.joined(separator: ", "))
    }
    if lines.isEmpty { return "every tensor found its place" }
    if !unsupported.isEmpty { lines.append("not supported: " + unsupported.joined(separator: ", ")) }
    return lines.joined(separator: "\n")
  }
}

/// Why weights were not loaded.
public enum WeightsError: Error, Equatable, Sendable {
  /// Names, shapes or types differ from the model's.
  case mismatch(WeightsReport)
  /// A file could not be read.
  case unreadable(ArrayFileError)
}

extension WeightsError: CustomStringConvertible {
  /// What differs, or what the file's trouble is.
  public var description: String {
    switch self {
    case .mismatch(let report): "the weights do not fit the model:\n\(report)"
    case .unreadable(let error): error.description
    }
  }
}
