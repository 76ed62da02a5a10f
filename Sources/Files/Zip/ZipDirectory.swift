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
