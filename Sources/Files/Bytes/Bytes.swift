internal import UnrollArrays

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

/// A text compared by its bytes: the key for names in a file.
///
/// Swift's own comparison treats canonically equivalent spellings as equal, and hashing normalises them first. But a file may
/// have names in both spellings, and normalising many combining marks on one letter takes quadratic time.
package struct ByteKey: Hashable, Sendable {
  package let text: String

  package init(_ text: some StringProtocol) { self.text = String(text) }

  package static func == (a: ByteKey, b: ByteKey) -> Bool { a.text.utf8.elementsEqual(b.text.utf8) }

  package func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}

extension StringProtocol {
  /// Whether the bytes are equal; different spellings of the same letters are not.
  package func hasBytes(of other: some StringProtocol) -> Bool { utf8.elementsEqual(other.utf8) }

  /// Whether the bytes precede the other's in lexicographic order.
  package func precedesInBytes(_ other: some StringProtocol) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }
}

extension String {
  /// Whether at most 30 combining marks follow a letter, as in Unicode's Stream-Safe Text Format (UAX 15): Swift hashes and
  /// compares such a text in linear time.
  var isStreamSafe: Bool {
    var marks = 0
    for scalar in unicodeScalars {
      // There are no combining marks below U+0300.
      let isMark = scalar.value >= 0x300 && scalar.properties.canonicalCombiningClass != .notReordered
      marks = isMark ? marks + 1 : 0
      if marks > 30 { return false }
    }
    return true
  }
}

/// Throws if Swift cannot process a name from a file in reasonable time.
func requireStreamSafe(_ name: String, at offset: Int) throws(ArrayFileError) {
  if !name.isStreamSafe {
    throw ArrayFileError(.excessive, "the name \(quoted(name)) has more than 30 marks on one letter", at: offset)
  }
}

/// A dictionary by the names of a file. Throws where two names are spellings of the same letters, since a dictionary can hold
/// only one.
func byName<Value>(
  _ names: [String], in file: String?, _ value: (String) throws(ArrayFileError) -> Value
) throws(ArrayFileError) -> [String: Value] {
  var values: [String: Value] = [:]
  for name in names {
    if values.updateValue(try value(name), forKey: name) != nil {
      throw ArrayFileError(
        .unsupported,
        "two names spell \(quoted(name)) in different bytes but are equal as dictionary keys; read them one by one", file: file
      )
    }
  }
  return values
}

/// Reverses the bytes of each number, in place. Only for a storage that nothing else references.
func swapBytes(of view: View, elementSize: Int) {
  let bytes = UnsafeMutableRawBufferPointer(
    start: view.storage.pointer + view.offset * elementSize, count: view.shape.elementCount * elementSize)
  switch elementSize {
  case 2: for index in bytes.bindMemory(to: UInt16.self).indices { swap(bytes, index, UInt16.self) }
  case 4: for index in bytes.bindMemory(to: UInt32.self).indices { swap(bytes, index, UInt32.self) }
  case 8: for index in bytes.bindMemory(to: UInt64.self).indices { swap(bytes, index, UInt64.self) }
  default: break
  }
}

private func swap<Bits: FixedWidthInteger>(_ bytes: UnsafeMutableRawBufferPointer, _ index: Int, _ type: Bits.Type) {
  let offset = index * MemoryLayout<Bits>.size
  bytes.storeBytes(of: bytes.load(fromByteOffset: offset, as: type).byteSwapped, toByteOffset: offset, as: type)
}

/// Bytes in a storage of their own, which may be larger.
struct Block: Sendable {
  /// Written by its creator before anyone else has it: see `Storage`.
  nonisolated(unsafe) let storage: Storage
  let byteCount: Int

  /// Uninitialised bytes, all of which the caller must write.
  init(byteCount: Int) {
    storage = Storage.with(byteCount: byteCount)
    self.byteCount = byteCount
  }

  /// The bytes; valid while the block lives.
  var bytes: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(start: storage.pointer, count: byteCount) }
}
