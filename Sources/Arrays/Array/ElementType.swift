/// The type of an array's numbers. It never changes implicitly: mixing two types stops, and casts are explicit.
public enum ElementType: UInt8, Sendable, CaseIterable, CustomStringConvertible {
  /// `Float`: about seven decimal digits.
  case float32
  /// `Double`: about sixteen decimal digits.
  case float64

  /// Bytes per element.
  public var size: Int { self == .float32 ? 4 : 8 }

  public var description: String { self == .float32 ? "float32" : "float64" }
}

extension ElementType {
  /// Stops where two operands have different types, and explains a common cause.
  @inline(__always)
  package func requireSame(as other: ElementType, _ operation: @autoclosure () -> String) {
    require(
      self == other,
      "\(operation()): \(self) and \(other) do not mix; cast one of them (a literal such as [1, 2] is float32, but Tensor([1, 2]) "
        + "takes a [Double] and is float64)")
  }
}

/// A Swift type that is an element type: `Float` or `Double`.
public protocol Element: BinaryFloatingPoint, SIMDScalar, Sendable, LosslessStringConvertible, Decodable, Encodable {
  /// The element type of arrays of such numbers.
  static var elementType: ElementType { get }
}

extension Float: Element {
  /// `.float32`.
  public static var elementType: ElementType { .float32 }
}

extension Double: Element {
  /// `.float64`.
  public static var elementType: ElementType { .float64 }
}
