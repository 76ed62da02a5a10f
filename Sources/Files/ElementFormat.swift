internal import UnrollArrays

/// The storage format of a number in a file.
///
///     let format = ElementFormat.bfloat16
///     print(format, format.size)  // bfloat16 2
public enum ElementFormat: String, Sendable, CaseIterable, CustomStringConvertible {
  /// One byte, 0 or 1.
  case bool
  /// Unsigned integers, by their number of bits.
  case uint8, uint16, uint32, uint64
  /// Signed integers, by their number of bits.
  case int8, int16, int32, int64
  /// Floating-point numbers: those of IEEE 754, and bfloat16, the upper half of a float32.
  case float16, bfloat16, float32, float64

  /// Bytes per number.
  public var size: Int {
    switch self {
    case .bool, .uint8, .int8: 1
    case .uint16, .int16, .float16, .bfloat16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64: 8
    }
  }

  /// The format's name.
  public var description: String { rawValue }

  /// Whether the numbers are floating-point numbers.
  package var isFloatingPoint: Bool { kind == .float }

  /// The kind of numbers, which selects an accessor of a stored array.
  enum Kind {
    case truth, integer, float
  }

  var kind: Kind {
    switch self {
    case .bool: .truth
    case .uint8, .uint16, .uint32, .uint64, .int8, .int16, .int32, .int64: .integer
    case .float16, .bfloat16, .float32, .float64: .float
    }
  }

  /// The format that holds every value of a Swift integer type of at most 64 bits.
  init(_ type: (some FixedWidthInteger).Type) {
    switch (type.bitWidth, type.isSigned) {
    case (8, false): self = .uint8
    case (16, false): self = .uint16
    case (32, false): self = .uint32
    case (64, false): self = .uint64
    case (8, true): self = .int8
    case (16, true): self = .int16
    case (32, true): self = .int32
    case (64, true): self = .int64
    default: stop("StoredArray: no file format holds \(type), only integers of 8, 16, 32 and 64 bits")
    }
  }

  init(_ type: ElementType) { self = type == .float32 ? .float32 : .float64 }
}

/// The shape and the size in bytes that a file declares for an array, checked before anything is allocated or multiplied.
struct DeclaredShape {
  let shape: Shape
  let byteCount: Int

  /// Throws where there are more axes than an array can have, or more bytes than `Int` can count. A zero extent does not hide
  /// an overflow of the others, since strides are products of extents.
  init(_ extents: [Int], _ format: ElementFormat, at offset: Int) throws(ArrayFileError) {
    if extents.count > Shape.maximumRank {
      throw ArrayFileError(
        .unsupported, "\(extents.count) axes, but an array has at most \(Shape.maximumRank)", at: offset)
    }
    var byteCount = format.size
    for extent in extents {
      if extent < 0 { throw ArrayFileError(.malformed, "an axis has the negative extent \(extent)", at: offset) }
      let (product, overflow) = byteCount.multipliedReportingOverflow(by: max(extent, 1))
      if overflow {
        throw ArrayFileError(.excessive, "the size of shape \(Shape(extents)) overflows", at: offset)
      }
      byteCount = product
    }
    shape = Shape(extents)
    self.byteCount = extents.contains(0) ? 0 : byteCount
  }
}
