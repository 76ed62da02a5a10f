public import UnrollArrays
public import UnrollFiles

/// The differences between a set of named tensors and a model's parameters.
public struct WeightsReport: Equatable, Sendable {
  /// A tensor with a different shape from the model's.
  public struct Misshapen: Equatable, Sendable {
    /// The framework's name.
    public let name: String
    /// The shape that the model needs, in the framework's layout.
    public let expected: Shape
    /// The shape of the given tensor.
    public let found: Shape
  }

  /// A tensor with a different element type from the model's.
  public struct Mistyped: Equatable, Sendable {
    /// The framework's name.
    public let name: String
    /// The element type of the model's parameter.
    public let expected: ElementType
    /// The format of the given tensor.
    public let found: ElementFormat
  }

  /// Names that the model needs and that were not given.
  public internal(set) var missing: [String] = []
  /// Names that were given and that no part of the model uses.
  public internal(set) var unexpected: [String] = []
  /// Tensors of a different shape.
  public internal(set) var misshapen: [Misshapen] = []
  /// Tensors of a different type. float16 and bfloat16 widen to float32 exactly, and count as float32.
  public internal(set) var mistyped: [Mistyped] = []

  /// Recurrent layers and cells that the framework does not have, each as a sentence with its name. They keep our names and
  /// layouts, so that a file of the framework cannot fill them.
  public internal(set) var unsupported: [String] = []

  /// Whether every tensor was loaded.
  public var isComplete: Bool { missing.isEmpty && unexpected.isEmpty && misshapen.isEmpty && mistyped.isEmpty }
}

extension WeightsReport: CustomStringConvertible {
  /// One line for each kind of difference, or a sentence that there is none.
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

/// The reason why weights were not loaded.
public enum WeightsError: Error, Equatable, Sendable {
  /// Names, shapes or types differ from the model's.
  case mismatch(WeightsReport)
  /// A file could not be read.
  case unreadable(ArrayFileError)
}

extension WeightsError: CustomStringConvertible {
  /// The differences, or the file's error.
  public var description: String {
    switch self {
    case .mismatch(let report): "the weights do not fit the model:\n\(report)"
    case .unreadable(let error): error.description
    }
  }
}
