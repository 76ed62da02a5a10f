/// Reads the little-endian fields of a binary header one after another. Throws past the end.
struct ByteCursor {
  private let bytes: [UInt8]
  private let what: String
  private let base: Int
  private(set) var position = 0

  /// - Parameters:
  ///   - what: The structure's name in messages.
  ///   - base: The offset of the bytes in the file.
  init(_ bytes: [UInt8], _ what: String, at base: Int) {
    self.bytes = bytes
    self.what = what
    self.base = base
  }

  /// The offset of the next field in the file.
  var offset: Int { base + position }
  var remaining: Int { bytes.count - position }

  mutating func take(_ count: Int) throws(ArrayFileError) -> ArraySlice<UInt8> {
    if count < 0 || count > remaining { throw ArrayFileError(.truncated, "\(what) ends inside a field", at: offset) }
    position += count
    return bytes[position - count..<position]
  }

  mutating func integer<Integer: FixedWidthInteger & UnsignedInteger>(
    _ type: Integer.Type = Integer.self
  ) throws(ArrayFileError) -> Integer {
    var value: Integer = 0
    for (index, byte) in try take(Integer.bitWidth / 8).enumerated() {
      value |= Integer(truncatingIfNeeded: byte) << Integer(truncatingIfNeeded: 8 * index)
    }
    return value
  }

  /// Reads a 64-bit size or position.
  mutating func size() throws(ArrayFileError) -> Int {
    let place = offset
    let value = try integer(UInt64.self)
    guard let size = Int(exactly: value) else {
      throw ArrayFileError(.excessive, "\(what) holds the impossible size \(value)", at: place)
    }
    return size
  }
}

extension [UInt8] {
  /// Appends a number as little-endian bytes.
  mutating func append<Integer: FixedWidthInteger>(littleEndian value: Integer) {
    for shift in stride(from: 0, to: Integer.bitWidth, by: 8) {
      append(UInt8(truncatingIfNeeded: value >> Integer(truncatingIfNeeded: shift)))
    }
  }
}
