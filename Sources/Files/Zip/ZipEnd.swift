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
