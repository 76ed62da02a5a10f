import Testing
import UnrollArrays

@testable import UnrollFiles

struct NPZTests {
  @Test(arguments: [false, true]) func whatIsWrittenReturns(_ compressed: Bool) throws {
    let encoded = try NPZ.encode(SafetensorsTests.mixed, compressed: compressed)
    let file = try NPZFile(bytes: encoded)
    #expect(file.names == ["a \"name\"\n😀", "bytes", "empty", "ids", "mask", "weight"])
    for (name, value) in SafetensorsTests.mixed {
      let (read, written) = (try file.read(name), value.storedArray)
      #expect(read.shape == written.shape && read.format == written.format)
      #expect(try bytes(read) == bytes(written))
    }
    #expect(try encoded == fixture(compressed ? "written/mixed_compressed.npz" : "written/mixed.npz"))
    #expect(try NPZ.decode(NPZ.encode([:])).isEmpty)
  }

  /// A zip with one stored member of 130 bytes: header at 0, content at 35, directory at 165, end record at 216.
  static let one: [UInt8] = {
    do { return try NPZ.encode(["a": StoredArray([1, 2] as [UInt8])]) } catch { return [] }
  }()

  /// The same with some bytes replaced.
  static func patched(_ place: Int, _ bytes: [UInt8]) -> [UInt8] {
    Array(one[..<place]) + bytes + Array(one[(place + bytes.count)...])
  }

  /// A zip with one deflated member that claims any size.
  static func deflated(_ content: [UInt8], claiming count: Int) -> [UInt8] {
    let stream = content.withUnsafeBytes { Deflate.deflate($0) } ?? []
    let checksum = content.withUnsafeBytes { CRC32.checksum($0) }
    let entry = ZipWriter.Entry(
      name: "a.npy", isDeflated: true, checksum: checksum, storedCount: stream.count, count: count, headerOffset: 0)
    let start = ZipWriter.header(entry) + stream
    return start + ZipWriter.directory([entry], at: start.count)
  }

  /// An npy header that claims many bytes, and a few of them.
  static func boastful(_ shape: String, _ present: Int) -> [UInt8] {
    NPYTests.file(NPYTests.dictionary("'|u1'", shape)) + [UInt8](repeating: 0, count: present)
  }

  /// A member whose content is a whole member, listed too: each would be read from the same bytes.
  static let overlapping: [UInt8] = {
    let inner = Array(one[..<165])
    func entry(_ name: String, _ offset: Int, _ count: Int) -> ZipWriter.Entry {
      ZipWriter.Entry(name: name, isDeflated: false, checksum: 0, storedCount: count, count: count, headerOffset: offset)
    }
    let outer = entry("b.npy", 0, inner.count)
    let start = ZipWriter.header(outer) + inner
    return start + ZipWriter.directory([outer, entry("a.npy", 35, 130)], at: start.count)
  }()

  static let twice: [UInt8] = {
    let entry = ZipWriter.Entry(name: "a.npy", isDeflated: false, checksum: 0, storedCount: 130, count: 130, headerOffset: 0)
    return Array(one[..<165]) + ZipWriter.directory([entry, entry], at: 165)
  }()

  static let hostile: [(bytes: [UInt8], message: String)] = [
    ([], ", byte 0: this is not a zip file, or it is truncated: its end record is missing"),
    (Array(one.dropLast()), ", byte 237: this is not a zip file, or it is truncated: its end record is missing"),
    (Array(one.prefix(200)), ", byte 200: this is not a zip file, or it is truncated: its end record is missing"),
    (patched(220, [1]), ", byte 216: the zip file is one part of several"),
    (patched(226, [2]), ", byte 216: the zip file is one part of several"),
    (patched(224, [2, 0, 2]), ", byte 165: the zip directory has 1 members, but its end says 2"),
    (patched(228, [50]), ", byte 216: the zip directory of 50 bytes at 165 does not end where its end record begins"),
    (
      patched(232, [255, 255, 255, 127]),
      ", byte 216: the zip directory of 51 bytes at 2147483647 does not end where its end record begins"
    ),
    (patched(232, [255, 255, 255, 255]), ", byte 196: the zip64 locator is missing"),
    (patched(165, [0]), ", byte 165: an entry of the zip directory has a wrong signature"),
    (patched(173, [1]), ", byte 165, array \"a.npy\": it is encrypted"),
    (patched(175, [12]), ", byte 165, array \"a.npy\": compression method 12 is not supported, only deflate"),
    (
      patched(185, [131]),
      ", byte 165, array \"a.npy\": it is not compressed, but declares 131 bytes in the file and 130 of content"
    ),
    (
      patched(185, [131, 0, 0, 0, 131]), ", byte 35, array \"a.npy\": the zip member's 131 bytes reach into the directory"
    ),
    (patched(185, [255, 255, 255, 255]), ", byte 216: the zip64 extra field ends inside a field"),
    (patched(193, [200]), ", byte 211: the zip directory ends inside a field"),
    (patched(195, [200]), ", byte 216: the zip directory ends inside a field"),
    (patched(197, [200]), ", byte 216: the zip directory ends inside a field"),
    (patched(207, [9]), ", byte 9, array \"a.npy\": no zip member begins here"),
    (
      patched(207, [255, 255, 255, 127]),
      ", byte 2147483647, array \"a.npy\": the header of a zip member needs 30 bytes here, but the file has 238 in all"
    ),
    (patched(211, [0xFF]), ", byte 211: a name in the zip directory is not valid UTF-8"),
    (patched(211, [0x62]), ", byte 0, array \"b.npy\": the zip member has another name than in the directory"),
    (
      patched(28, [200]), ", byte 235, array \"a.npy\": the zip member's 130 bytes reach into the directory"
    ),
    (patched(164, [9]), ", byte 35, array \"a\": the content's checksum is not the one in the zip directory"),
    (overlapping, ", byte 35, array \"a.npy\": it overlaps another member of the zip file"),
    (twice, ", byte 216: the zip directory has the name \"a.npy\" twice"),
    (
      deflated(boastful("(9,)", 9), claiming: 999), ", byte 35, array \"a\": 923 bytes follow the data of shape [9]"
    ),
    (
      deflated(boastful("(4000000000,)", 9), claiming: 4_000_000_076),
      ", byte 35, array \"a\": 72 compressed bytes cannot give the 4000000076 that are declared"
    ),
    (
      deflated(boastful("(4000,)", 9), claiming: 4070),
      ", array \"a\": the compressed data give 79 bytes, not the 4070 that are declared"
    ),
    (
      deflated(boastful("(4000,)", 999_999), claiming: 4070),
      ", byte 144, array \"a\": the compressed data give more than the 4070 bytes that are declared"
    ),
    (deflated([0, 0, 0, 0, 0, 0, 0, 0, 0, 0], claiming: 4), ", byte 35, array \"a\": 4 bytes are not a whole npy file"),
    (
      deflated([UInt8](repeating: 0, count: 99), claiming: 99),
      ", byte 35, array \"a\": this is not an npy file: it does not begin with \\x93NUMPY"
    ),
  ]

  @Test(arguments: hostile.indices) func hostileFilesAreNamed(_ index: Int) {
    let (bytes, message) = NPZTests.hostile[index]
    #expect(failure { () throws(ArrayFileError) in _ = try NPZ.decode(bytes) } == "bytes in memory" + message)
  }

  @Test func aMissingNameListsOthers() throws {
    let file = try NPZFile(bytes: NPZTests.one)
    #expect(
      failure { () throws(ArrayFileError) in _ = try file.read("b") }
        == "bytes in memory, array \"b\": no array of this name: the file has \"a\"")
  }

  @Test func otherMembersAreLeftOut() throws {
    var bytes = NPZTests.one
    for place in [34, 215] { bytes[place] = UInt8(ascii: "x") }
    #expect(try NPZFile(bytes: bytes).names == [])
  }
}

/// Numbers that only zip64 holds.
struct Zip64Tests {
  /// The same zip as `NPZTests.one`, but every number is in zip64 records.
  static func file(locator: UInt64? = nil, memberCount: UInt64 = 1) -> [UInt8] {
    var bytes = Array(NPZTests.patched(185, [UInt8](repeating: 255, count: 8))[..<216])
    bytes.replaceSubrange(207..<211, with: [255, 255, 255, 255])
    bytes[195] = 28
    bytes.append(littleEndian: 1 as UInt16)
    bytes.append(littleEndian: 24 as UInt16)
    for number in [130, 130, 0] as [UInt64] { bytes.append(littleEndian: number) }
    let end = bytes.count
    bytes.append(littleEndian: ZipSignature.largeEnd)
    bytes.append(littleEndian: 44 as UInt64)
    bytes.append(littleEndian: 0x002D_002D as UInt32)
    for number in [0, memberCount, memberCount, UInt64(end - 165), 165] { bytes.append(littleEndian: number) }
    bytes.append(littleEndian: ZipSignature.largeEndLocator)
    bytes.append(littleEndian: 0 as UInt32)
    bytes.append(littleEndian: locator ?? UInt64(end))
    bytes.append(littleEndian: 1 as UInt32)
    bytes.append(littleEndian: ZipSignature.end)
    bytes.append(littleEndian: 0 as UInt32)
    return bytes + [UInt8](repeating: 255, count: 12) + [0, 0]
  }

  @Test func largeNumbersAreRead() throws {
    #expect(try NPZ.decode(Zip64Tests.file())["a"]?.integers() == [1, 2])
  }

  @Test(arguments: [
    (file(locator: .max), ", byte 308: the zip64 locator holds the impossible size 18446744073709551615"),
    (file(locator: 1 << 40), ", byte 1099511627776: the zip64 end record needs 56 bytes here, but the file has 342 in all"),
    (file(locator: 3), ", byte 3: the zip64 end record has a wrong signature"),
    (file(memberCount: 1 << 62), ", byte 165: the zip directory has 1 members, but its end says 4611686018427387904"),
  ])
  func hostileNumbersAreNamed(_ bytes: [UInt8], _ message: String) {
    #expect(failure { () throws(ArrayFileError) in _ = try NPZ.decode(bytes) } == "bytes in memory" + message)
  }

  @Test func largeNumbersAreWritten() throws {
    let entry = ZipWriter.Entry(
      name: "é.npy", isDeflated: true, checksum: 5, storedCount: 5 << 32, count: 6 << 32, headerOffset: 7 << 32)
    let directory = ZipWriter.directory([entry], at: 8 << 32)
    var cursor = ByteCursor(directory, "the zip directory", at: 0)
    let member = try ZipDirectory.member(from: &cursor)
    #expect(member.name == entry.name && member.isDeflated && member.checksum == 5)
    #expect(member.storedCount == 5 << 32 && member.count == 6 << 32 && member.headerOffset == 7 << 32)
    #expect(try cursor.integer(UInt32.self) == ZipSignature.largeEnd)
    _ = try cursor.take(20)
    #expect(try [cursor.size(), cursor.size(), cursor.size(), cursor.size()] == [1, 1, 80, 8 << 32])
    #expect(try cursor.integer(UInt32.self) == ZipSignature.largeEndLocator)
    _ = try cursor.take(4)
    #expect(try cursor.size() == 8 << 32 + 80)
  }
}
