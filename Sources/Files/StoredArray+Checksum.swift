internal import UnrollArrays

extension StoredArray {
  /// The CRC-32 of the array's name, format, shape and bytes, continuing an earlier checksum.
  package func checksum(named name: String, after checksum: UInt32) throws(ArrayFileError) -> UInt32 {
    let head = UnrollFiles.checksum(of: "\(name)\0\(format)\(shape.map { $0 })\0", after: checksum)
    let view = try elements()
    defer { withExtendedLifetime(view.storage) {} }
    let start = view.storage.pointer + view.offset * format.size
    return CRC32.checksum(UnsafeRawBufferPointer(start: start, count: byteCount), after: head)
  }
}

/// The CRC-32 of a text, continuing an earlier checksum.
package func checksum(of text: String, after checksum: UInt32 = 0) -> UInt32 {
  Array(text.utf8).withUnsafeBytes { CRC32.checksum($0, after: checksum) }
}
