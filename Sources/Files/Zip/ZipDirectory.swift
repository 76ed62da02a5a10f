/// The directory at the end of a zip file (PKWARE's APPNOTE), with zip64.
///
/// It is checked before any member is read: every member lies before the directory, none overlaps another (overlaps multiply
/// the output of a zip bomb), each begins with a header of the same name, and no name occurs twice.
struct ZipDirectory {
  struct Member {
    let name: String
    let isDeflated: Bool
    let checksum: UInt32
    /// The bytes in the file and the bytes of content.
    let storedCount: Int
    let count: Int
    let headerOffset: Int
    /// The offset of the content.
    fileprivate(set) var dataOffset = 0
  }

  /// In the order of the directory.
  private(set) var members: [Member] = []

  init(_ source: ByteSource) throws(ArrayFileError) {
    let place = try ZipEnd(source)
    var cursor = ByteCursor(
      try source.bytes("the zip directory", at: place.offset, count: place.count), "the zip directory", at: place.offset)
    var names: Set<ByteKey> = []
    while cursor.remaining > 0 {
      let entryOffset = cursor.offset
      var member = try ZipDirectory.member(from: &cursor)
      if !names.insert(ByteKey(member.name)).inserted {
        throw ArrayFileError(.inconsistent, "the zip directory has the name \(quoted(member.name)) twice", at: entryOffset)
      }
      do throws(ArrayFileError) {
        member.dataOffset = try ZipDirectory.dataOffset(of: member, in: source, before: place.offset)
      } catch {
        throw error.located(array: member.name)
      }
      members.append(member)
    }
    if members.count != place.memberCount {
      throw ArrayFileError(
        .inconsistent, "the zip directory has \(members.count) members, but its end says \(place.memberCount)",
        at: place.offset)
    }
    var end = 0
    for member in members.sorted(by: { $0.headerOffset < $1.headerOffset }) {
      if member.headerOffset < end {
        throw ArrayFileError(
          .inconsistent, "it overlaps another member of the zip file", at: member.headerOffset, array: member.name)
      }
      end = member.dataOffset + member.storedCount
    }
  }

  static func member(from cursor: inout ByteCursor) throws(ArrayFileError) -> Member {
    let place = cursor.offset
    if try cursor.integer(UInt32.self) != ZipSignature.directoryEntry {
      throw ArrayFileError(.malformed, "an entry of the zip directory has a wrong signature", at: place)
    }
    _ = try cursor.take(4)
    let flags: UInt16 = try cursor.integer()
    let method: UInt16 = try cursor.integer()
    _ = try cursor.take(4)
    let checksum: UInt32 = try cursor.integer()
    let small = (stored: try cursor.integer(UInt32.self), count: try cursor.integer(UInt32.self))
    let nameCount = Int(try cursor.integer(UInt16.self))
    let extraCount = Int(try cursor.integer(UInt16.self))
    let commentCount = Int(try cursor.integer(UInt16.self))
    _ = try cursor.take(8)
    let smallOffset: UInt32 = try cursor.integer()
    let nameOffset = cursor.offset
    guard let name = String(validating: try cursor.take(nameCount), as: UTF8.self) else {
      throw ArrayFileError(.malformed, "a name in the zip directory is not valid UTF-8", at: nameOffset)
    }
    try requireStreamSafe(name, at: nameOffset)
    var large = try ZipDirectory.large(Array(try cursor.take(extraCount)), at: nameOffset + nameCount)
    _ = try cursor.take(commentCount)
    if flags & 1 != 0 { throw ArrayFileError(.unsupported, "it is encrypted", at: place, array: name) }
    if method != 0 && method != 8 {
      throw ArrayFileError(.unsupported, "compression method \(method) is not supported, only deflate", at: place, array: name)
    }
    // The extra field has the numbers that did not fit the entry, in this order.
    let count = small.count == .max ? try large.size() : Int(small.count)
    let storedCount = small.stored == .max ? try large.size() : Int(small.stored)
    let headerOffset = smallOffset == .max ? try large.size() : Int(smallOffset)
    if method == 0 && count != storedCount {
      throw ArrayFileError(
        .inconsistent, "it is not compressed, but declares \(storedCount) bytes in the file and \(count) of content",
        at: place, array: name)
    }
    return Member(
      name: name, isDeflated: method == 8, checksum: checksum, storedCount: storedCount, count: count,
      headerOffset: headerOffset)
  }

  /// The numbers of the zip64 extra field; empty if there is no such field.
  private static func large(_ extra: [UInt8], at offset: Int) throws(ArrayFileError) -> ByteCursor {
    var cursor = ByteCursor(extra, "an extra field of the zip directory", at: offset)
    while cursor.remaining >= 4 {
      let identifier: UInt16 = try cursor.integer()
      let count = Int(try cursor.integer(UInt16.self))
      let place = cursor.offset
      let field = try cursor.take(count)
      if identifier == 1 { return ByteCursor(Array(field), "the zip64 extra field", at: place) }
    }
    return ByteCursor([], "the zip64 extra field", at: offset)
  }

  /// The offset of a member's content, from the header that precedes it.
  private static func dataOffset(
    of member: Member, in source: ByteSource, before end: Int
  ) throws(ArrayFileError) -> Int {
    let what = "the header of a zip member"
    var cursor = ByteCursor(try source.bytes(what, at: member.headerOffset, count: 30), what, at: member.headerOffset)
    if try cursor.integer(UInt32.self) != ZipSignature.memberHeader {
      throw ArrayFileError(.malformed, "no zip member begins here", at: member.headerOffset)
    }
    _ = try cursor.take(22)
    let nameCount = Int(try cursor.integer(UInt16.self))
    let extraCount = Int(try cursor.integer(UInt16.self))
    let name = try source.bytes(what, at: member.headerOffset + 30, count: nameCount)
    if !name.elementsEqual(member.name.utf8) {
      throw ArrayFileError(.inconsistent, "the zip member has another name than in the directory", at: member.headerOffset)
    }
    let offset = member.headerOffset + 30 + nameCount + extraCount
    if offset > end || member.storedCount > end - offset {
      throw ArrayFileError(
        .truncated, "the zip member's \(member.storedCount) bytes reach into the directory", at: offset)
    }
    return offset
  }
}

enum ZipSignature {
  static let memberHeader: UInt32 = 0x0403_4B50
  static let directoryEntry: UInt32 = 0x0201_4B50
  static let end: UInt32 = 0x0605_4B50
  static let largeEnd: UInt32 = 0x0606_4B50
  static let largeEndLocator: UInt32 = 0x0706_4B50
}

/// The end record of a zip file, which locates the directory.
struct ZipEnd {
  private static let size = 22
  private static let longestComment = 65_535
  private static let locatorSize = 20

  let memberCount: Int
  let offset: Int
  let count: Int

  init(_ source: ByteSource) throws(ArrayFileError) {
    let place = try ZipEnd.place(in: source)
    var cursor = ByteCursor(
      try source.bytes("the end of a zip file", at: place, count: ZipEnd.size), "the end of a zip file", at: place)
    _ = try cursor.take(4)
    let disks: UInt32 = try cursor.integer()
    let counts = (try cursor.integer(UInt16.self), try cursor.integer(UInt16.self))
    let small = (count: try cursor.integer(UInt32.self), offset: try cursor.integer(UInt32.self))
    var limit = place
    if counts.1 == .max || small.count == .max || small.offset == .max {
      let large = try ZipEnd.large(in: source, before: place)
      (memberCount, count, offset, limit) = (large.memberCount, large.count, large.offset, large.place)
    } else {
      if disks != 0 || counts.0 != counts.1 {
        throw ArrayFileError(.unsupported, "the zip file is one part of several", at: place)
      }
      (memberCount, count, offset) = (Int(counts.1), Int(small.count), Int(small.offset))
    }
    if offset > limit || count != limit - offset {
      throw ArrayFileError(
        .inconsistent, "the zip directory of \(count) bytes at \(offset) does not end where its end record begins", at: limit)
    }
  }

  /// The offset of the record: the last one whose comment ends with the file.
  private static func place(in source: ByteSource) throws(ArrayFileError) -> Int {
    let tailCount = min(source.count, size + longestComment)
    let tail = try source.bytes("the end of a zip file", at: source.count - tailCount, count: tailCount)
    for start in stride(from: tailCount - size, through: 0, by: -1) where tail[start] == UInt8(ascii: "P") {
      var cursor = ByteCursor(Array(tail[start..<start + size]), "the end of a zip file", at: 0)
      if try cursor.integer(UInt32.self) != ZipSignature.end { continue }
      _ = try cursor.take(16)
      if Int(try cursor.integer(UInt16.self)) == tailCount - size - start { return source.count - tailCount + start }
    }
    throw ArrayFileError(.malformed, "this is not a zip file, or it is truncated: its end record is missing", at: source.count)
  }

  /// The zip64 end record, found through the locator that precedes the ordinary one.
  private static func large(
    in source: ByteSource, before end: Int
  ) throws(ArrayFileError) -> (memberCount: Int, count: Int, offset: Int, place: Int) {
    let locatorPlace = max(end - locatorSize, 0)
    var locator = ByteCursor(
      try source.bytes("the zip64 locator", at: locatorPlace, count: locatorSize), "the zip64 locator", at: locatorPlace)
    if try locator.integer(UInt32.self) != ZipSignature.largeEndLocator {
      throw ArrayFileError(.malformed, "the zip64 locator is missing", at: locatorPlace)
    }
    _ = try locator.take(4)
    let place = try locator.size()
    var cursor = ByteCursor(try source.bytes("the zip64 end record", at: place, count: 56), "the zip64 end record", at: place)
    if try cursor.integer(UInt32.self) != ZipSignature.largeEnd {
      throw ArrayFileError(.malformed, "the zip64 end record has a wrong signature", at: place)
    }
    _ = try cursor.take(12)
    let disks: UInt64 = try cursor.integer()
    let (here, memberCount) = (try cursor.size(), try cursor.size())
    if disks != 0 || here != memberCount {
      throw ArrayFileError(.unsupported, "the zip file is one part of several", at: place)
    }
    return (memberCount, try cursor.size(), try cursor.size(), place)
  }
}

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
