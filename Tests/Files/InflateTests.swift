import Testing
import UnrollArrays
import UnrollTestSupport

@testable import UnrollFiles

/// Inflates some bytes.
private func inflate(_ bytes: [UInt8], count: Int) throws(ArrayFileError) -> [UInt8] {
  let input = Block(byteCount: bytes.count)
  input.bytes.copyBytes(from: bytes)
  let output = try Inflate.inflate(input, count: count)
  return try ByteSource.block(output).bytes("the data", at: 0, count: count)
}

struct InflateTests {
  @Test func theChecksumIsTheKnownOne() {
    let check = Array("123456789".utf8)
    #expect(check.withUnsafeBytes { CRC32.checksum($0) } == 0xCBF4_3926)
    let long = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * 7) }
    let inPieces = long[..<13].withUnsafeBytes { CRC32.checksum($0) }
    #expect(long[13...].withUnsafeBytes { CRC32.checksum($0, after: inPieces) } == long.withUnsafeBytes { CRC32.checksum($0) })
  }

  @Test func whatIsDeflatedReturns() throws {
    var random = TestRandom(seed: 7)
    for (length, alphabet) in [(0, 1), (1, 1), (5, 1), (9, 2), (300, 1), (70_000, 3), (5000, 20), (40_000, 256), (1000, 90)] {
      let bytes = (0..<length).map { _ in UInt8(Int.random(in: 0..<alphabet, using: &random)) }
      let repeated = bytes + bytes + bytes.dropLast(length / 3)
      guard let deflated = repeated.withUnsafeBytes({ Deflate.deflate($0) }) else {
        #expect(repeated.count < 16 || alphabet == 256, "\(length) bytes of \(alphabet) kinds did not shrink")
        continue
      }
      #expect(deflated.count < repeated.count)
      #expect(try inflate(deflated, count: repeated.count) == repeated)
    }
  }

  /// Streams by zlib: stored, fixed, and dynamic codes with words longer than the table's.
  @Test func otherStreamsInflate() throws {
    #expect(try inflate([1, 3, 0, 0xFC, 0xFF, 7, 8, 9], count: 3) == [7, 8, 9])
    #expect(try inflate([0, 1, 0, 0xFE, 0xFF, 7, 1, 1, 0, 0xFE, 0xFF, 8], count: 2) == [7, 8])
    #expect(try inflate([0x4B, 0x4C, 0x44, 0, 0], count: 12) == [UInt8](repeating: UInt8(ascii: "a"), count: 12))
    #expect(try inflate([3, 0], count: 0) == [])
    let skewed = try inflate(fixture("streams/long_words.deflate"), count: 2583)
    #expect(skewed.withUnsafeBytes { CRC32.checksum($0) } == 0x1F640990)
  }

  static let hostile: [(bytes: [UInt8], count: Int, message: String)] = [
    ([], 0, "byte 0: the compressed data end inside a block"),
    ([7], 1, "byte 1: a block has the reserved type"),
    ([1, 1, 0, 1, 0], 1, "byte 5: the length of a stored block disagrees with its complement"),
    ([1, 3, 0, 0xFC, 0xFF, 7, 8], 3, "byte 7: the compressed data end inside a block"),
    ([1, 3, 0, 0xFC, 0xFF, 7, 8, 9], 2, "byte 7: the compressed data give more than the 2 bytes that are declared"),
    ([1, 3, 0, 0xFC, 0xFF, 7, 8, 9], 4, ": the compressed data give 3 bytes, not the 4 that are declared"),
    ([3, 0, 0], 0, "byte 2: 1 bytes follow the end of the compressed data"),
    ([3, 2, 0], 9, "byte 2: a match begins before the data"),
    ([0x4B, 0x4C, 0x44, 0, 0], 11, "byte 4: the compressed data give more than the 11 bytes that are declared"),
    ([0x4B, 0x4C], 12, "byte 2: the compressed data end inside a block"),
    ([0x4B, 0x4C, 0x44, 0, 0], 6000, "byte 0: 5 compressed bytes cannot give the 6000 that are declared"),
    ([0x1B, 0x03], 9, "byte 2: a match has a reserved length"),
    ([0xFD, 0xFF, 0, 0, 0, 0], 9, "byte 3: a block declares too many codes"),
    ([5, 0, 0x92, 0x24, 0x49, 0x92, 0x24], 9, "byte 4: the code of code lengths is invalid"),
    ([5, 0, 0, 0, 0, 0, 0, 0], 9, "byte 4: these bits are not a word of the Huffman code"),
  ]

  @Test(arguments: hostile.indices) func hostileStreamsAreNamed(_ index: Int) {
    let (bytes, count, message) = InflateTests.hostile[index]
    let thrown = failure { () throws(ArrayFileError) in _ = try inflate(bytes, count: count) }
    #expect(thrown.hasSuffix(message), "\(thrown)")
  }

  @Test func aPrefixNeedsNoMoreThanItself() throws {
    let input = Block(byteCount: 5)
    input.bytes.copyBytes(from: [0x4B, 0x4C, 0x44, 0, 0])
    #expect(try Inflate.prefix(of: input, count: 5) == [UInt8](repeating: UInt8(ascii: "a"), count: 5))
    #expect(try Inflate.prefix(of: input, count: 12).count == 12)
    #expect(
      failure { () throws(ArrayFileError) in _ = try Inflate.prefix(of: input, count: 13) }
        == "bytes in memory: the compressed data end within the first 13 bytes")
  }
}
