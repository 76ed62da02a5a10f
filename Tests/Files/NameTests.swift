import Testing
import UnrollArrays

@testable import UnrollFiles

/// Names are their bytes: two spellings are two names, and marks without end are refused before anybody hashes them.
struct NameTests {
  private static let spellings = ["\u{E9}", "e\u{301}"]

  /// A safetensors file of one byte under each name, which no dictionary could hold.
  private static func safetensors(_ names: [String]) -> [UInt8] {
    let entries = names.enumerated().map { "\"\($1)\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[\($0),\($0 + 1)]}" }
    let header = Array("{\(entries.joined(separator: ","))}".utf8)
    var bytes: [UInt8] = []
    bytes.append(littleEndian: UInt64(header.count))
    return bytes + header + names.indices.map { UInt8($0) }
  }

  private static func npz(_ names: [String]) throws -> [UInt8] {
    var (writer, bytes) = (ZipWriter(), [UInt8]())
    for (i, name) in names.enumerated() {
      let content = try NPY.encode(StoredArray([UInt8(i)]))
      try content.withUnsafeBytes { part in
        try writer.add(name + ".npy", [part], compressed: false) { (piece) throws(ArrayFileError) in bytes += piece }
      }
    }
    try writer.finish { (piece) throws(ArrayFileError) in bytes += piece }
    return bytes
  }

  @Test func spellingsAreTwoNames() throws {
    let file = try SafetensorsFile(bytes: Self.safetensors(Self.spellings))
    #expect(file.names.map { Array($0.utf8) } == Self.spellings.map { Array($0.utf8) })
    #expect(try Self.spellings.map { try file.read($0).integers() } == [[0], [1]])
    let zip = try NPZFile(bytes: Self.npz(Self.spellings))
    #expect(try Self.spellings.map { try zip.read($0).integers() } == [[0], [1]])
    let reason = "two names spell \"é\" in different bytes but are equal as dictionary keys; read them one by one"
    let both = #expect(throws: ArrayFileError.self) { try Safetensors.decode(Self.safetensors(Self.spellings)) }
    #expect(both?.kind == .unsupported && both?.reason.precomposed == reason.precomposed)
    let zipped = #expect(throws: ArrayFileError.self) { try NPZ.decode(Self.npz(Self.spellings)) }
    #expect(zipped?.kind == .unsupported)
    let twice = #expect(throws: ArrayFileError.self) { try SafetensorsFile(bytes: Self.safetensors(["a", "a"])) }
    #expect(twice?.kind == .inconsistent)
  }

  @Test func marksWithoutEnd() throws {
    let heap = "x" + String(repeating: "\u{301}\u{323}", count: 60_000)
    let few = "x" + String(repeating: "\u{301}\u{323}", count: 15)
    #expect(try SafetensorsFile(bytes: Self.safetensors([few])).names == [few])
    #expect(try NPZFile(bytes: Self.npz([few])).names == [few])
    let more = "x" + String(repeating: "\u{301}", count: 31)
    for name in [more, heap] {
      let error = #expect(throws: ArrayFileError.self) { try SafetensorsFile(bytes: Self.safetensors([name])) }
      #expect(error?.kind == .excessive && error?.reason.contains("more than 30 marks on one letter") == true)
    }
    #expect(throws: ArrayFileError.self) { try NPZFile(bytes: Self.npz([more])) }
    #expect(throws: ArrayFileError.self) { try JSON(Array("{\"\(heap)\":1}".utf8)) }
    let metadata = Array("{\"__metadata__\":{\"\(heap)\":\"\"}}".utf8)
    var bytes: [UInt8] = []
    bytes.append(littleEndian: UInt64(metadata.count))
    #expect(throws: ArrayFileError.self) { try SafetensorsFile(bytes: bytes + metadata) }
  }
}

extension String {
  /// The scalars after Swift's own comparison has made them one spelling: for texts that hold a name in either.
  fileprivate var precomposed: String { replacing("e\u{301}", with: "\u{E9}") }
}
