/// The CRC-32 of zip files (polynomial 0xEDB88320, reflected), eight bytes per step. Table `k` advances the remainder of a byte
/// by `k` zero bytes, so the eight look-ups of a step are independent.
enum CRC32 {
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      var remainder = UInt32(byte)
      for _ in 0..<8 { remainder = remainder >> 1 ^ (remainder & 1 == 1 ? 0xEDB8_8320 : 0) }
      tables[byte] = remainder
    }
    for index in 256..<8 * 256 {
      let previous = tables[index - 256]
      tables[index] = previous >> 8 ^ tables[Int(previous & 255)]
    }
    return tables
  }()

  /// The checksum of these bytes, continuing that of the bytes before them.
  static func checksum(_ bytes: UnsafeRawBufferPointer, after crc: UInt32 = 0) -> UInt32 {
    tables.withUnsafeBufferPointer { tables in
      var crc = ~crc
      let whole = bytes.count & ~7
      for offset in stride(from: 0, to: whole, by: 8) {
        let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self) ^ UInt64(crc)
        crc = 0
        for index in 0..<8 {
          crc ^= tables[(7 - index) * 256 + Int(truncatingIfNeeded: word >> UInt64(index * 8) & 255)]
        }
      }
      for offset in whole..<bytes.count {
        crc = crc >> 8 ^ tables[Int(UInt8(truncatingIfNeeded: crc) ^ bytes[offset])]
      }
      return ~crc
    }
  }
}
