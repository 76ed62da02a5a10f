/// Writes zip files member by member, stored or deflated. Members are dated 1980, so that equal contents give equal bytes;
/// zip64 records are written where sizes need them.
struct ZipWriter {
  struct Entry {
    let name: String
    let isDeflated: Bool
    let checksum: UInt32
    let storedCount: Int
    let count: Int
    let headerOffset: Int
  }

  private(set) var entries: [Entry] = []
  private var offset = 0

  /// Appends a member whose content is the concatenation of `parts`. It is compressed if `compressed` is set and that makes it
  /// smaller.
  mutating func add(
    _ name: String, _ parts: [UnsafeRawBufferPointer], compressed: Bool, to sink: ByteSink
  ) throws(ArrayFileError) {
    let count = parts.reduce(0) { $0 + $1.count }
    let deflated = compressed ? ZipWriter.deflate(parts, count) : nil
    let entry = Entry(
      name: name, isDeflated: deflated != nil, checksum: parts.reduce(0) { CRC32.checksum($1, after: $0) },
      storedCount: deflated?.count ?? count, count: count, headerOffset: offset)
    let header = ZipWriter.header(entry)
    try pass(header, to: sink)
    if let deflated {
      try pass(deflated, to: sink)
    } else {
      for part in parts { try sink(part) }
    }
    entries.append(entry)
    offset += header.count + entry.storedCount
  }

  /// Ends the file with its directory.
  func finish(to sink: ByteSink) throws(ArrayFileError) {
    try pass(ZipWriter.directory(entries, at: offset), to: sink)
  }

  private static func deflate(_ parts: [UnsafeRawBufferPointer], _ count: Int) -> [UInt8]? {
    var whole: [UInt8] = []
    whole.reserveCapacity(count)
    for part in parts { whole += part }
    return whole.withUnsafeBytes { Deflate.deflate($0) }
  }

  /// The header that precedes a member's content.
  static func header(_ entry: Entry) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(littleEndian: ZipSignature.memberHeader)
    let isLarge = entry.count >= UInt32.max || entry.storedCount >= UInt32.max
    appendCommon(entry, isLarge: isLarge, extraCount: isLarge ? 20 : 0, to: &bytes)
    bytes += entry.name.utf8
    if isLarge { appendLarge([entry.count, entry.storedCount], to: &bytes) }
    return bytes
  }

  /// The directory and the end records.
  static func directory(_ entries: [Entry], at start: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for entry in entries {
      let isLarge = entry.count >= UInt32.max || entry.storedCount >= UInt32.max
      let isFar = entry.headerOffset >= UInt32.max
      let large = (isLarge ? [entry.count, entry.storedCount] : []) + (isFar ? [entry.headerOffset] : [])
      bytes.append(littleEndian: ZipSignature.directoryEntry)
      bytes.append(littleEndian: 45 as UInt16)
      appendCommon(entry, isLarge: isLarge, extraCount: large.isEmpty ? 0 : 4 + 8 * large.count, to: &bytes)
      bytes += [UInt8](repeating: 0, count: 10)
      bytes.append(littleEndian: isFar ? .max : UInt32(entry.headerOffset))
      bytes += entry.name.utf8
      if !large.isEmpty { appendLarge(large, to: &bytes) }
    }
    appendEnd(entries.count, start, to: &bytes)
    return bytes
  }

  /// The fields that a member's header and its directory entry share.
  private static func appendCommon(_ entry: Entry, isLarge: Bool, extraCount: Int, to bytes: inout [UInt8]) {
    let isASCII = entry.name.utf8.allSatisfy { $0 < 0x80 }
    bytes.append(littleEndian: isLarge ? 45 : 20 as UInt16)
    bytes.append(littleEndian: isASCII ? 0 : 0x0800 as UInt16)
    bytes.append(littleEndian: entry.isDeflated ? 8 : 0 as UInt16)
    bytes.append(littleEndian: 0 as UInt16)
    bytes.append(littleEndian: 0x0021 as UInt16)  // 1 January 1980
    bytes.append(littleEndian: entry.checksum)
    bytes.append(littleEndian: isLarge ? .max : UInt32(entry.storedCount))
    bytes.append(littleEndian: isLarge ? .max : UInt32(entry.count))
    bytes.append(littleEndian: UInt16(entry.name.utf8.count))
    bytes.append(littleEndian: UInt16(extraCount))
  }

  private static func appendLarge(_ numbers: [Int], to bytes: inout [UInt8]) {
    bytes.append(littleEndian: 1 as UInt16)
    bytes.append(littleEndian: UInt16(8 * numbers.count))
    for number in numbers { bytes.append(littleEndian: UInt64(number)) }
  }

  private static func appendEnd(_ count: Int, _ start: Int, to bytes: inout [UInt8]) {
    let size = bytes.count
    if count >= UInt16.max || start >= UInt32.max || size >= UInt32.max {
      bytes.append(littleEndian: ZipSignature.largeEnd)
      bytes.append(littleEndian: 44 as UInt64)
      bytes.append(littleEndian: 45 as UInt16)
      bytes.append(littleEndian: 45 as UInt16)
      bytes.append(littleEndian: 0 as UInt64)
      for number in [count, count, size, start] { bytes.append(littleEndian: UInt64(number)) }
      bytes.append(littleEndian: ZipSignature.largeEndLocator)
      bytes.append(littleEndian: 0 as UInt32)
      bytes.append(littleEndian: UInt64(start + size))
      bytes.append(littleEndian: 1 as UInt32)
    }
    bytes.append(littleEndian: ZipSignature.end)
    bytes.append(littleEndian: 0 as UInt32)
    for _ in 0..<2 { bytes.append(littleEndian: UInt16(clamping: count)) }
    bytes.append(littleEndian: UInt32(clamping: size))
    bytes.append(littleEndian: UInt32(clamping: start))
    bytes.append(littleEndian: 0 as UInt16)
  }
}
