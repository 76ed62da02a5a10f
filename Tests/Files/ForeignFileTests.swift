import Testing
import UnrollArrays

@testable import UnrollFiles

/// Files of other kinds are called what they are.
struct ForeignFileTests {
  private static func zip(_ names: [String]) throws -> [UInt8] {
    var (writer, bytes) = (ZipWriter(), [UInt8]())
    for name in names {
      try [UInt8]("x".utf8).withUnsafeBytes { part in
        try writer.add(name, [part], compressed: false) { (piece) throws(ArrayFileError) in bytes += piece }
      }
    }
    try writer.finish { (piece) throws(ArrayFileError) in bytes += piece }
    return bytes
  }

  private static let torch = "this is a PyTorch file, a zip of pickled objects; save its tensors as safetensors"
  private static let pickle = "this is a Python pickle, as old PyTorch files are; save its tensors as safetensors"
  /// How PyTorch's files began before they were zips.
  private static let old: [UInt8] = [0x80, 2, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E]

  private func error(_ body: () throws -> Void) -> ArrayFileError? {
    let error = #expect(throws: ArrayFileError.self) { try body() }
    #expect(error?.kind == .unsupported, "\(String(describing: error))")
    return error
  }

  @Test func safetensorsWanted() throws {
    let npz = try NPZ.encode(["a": StoredArray([1])])
    let rows: [([UInt8], String)] = [
      (try Self.zip(["archive/data.pkl", "archive/data/0"]), Self.torch), (Self.old, Self.pickle),
      (Array("\u{80}\u{4}".unicodeScalars.map { UInt8($0.value) }) + Array(repeating: 0x95, count: 20), Self.pickle),
      (npz, "this is an npz file, which NPZ reads"), (try Self.zip(["readme"]), "this is a zip file"),
      (Array(npz.prefix(40)), "this is a zip file, or the beginning of one"),
      (try NPY.encode(StoredArray([1])), "this is an npy file, which NPY reads"),
      (
        [0x89] + Array("HDF\r\n\u{1A}\n".utf8) + [0, 0, 0],
        "this is an HDF5 file, as Keras writes them; save its weights as safetensors"
      ),
    ]
    for (bytes, reason) in rows { #expect(error { _ = try Safetensors.decode(bytes) }?.reason == reason) }
    // A header of 640 bytes has a length that begins as a pickle does.
    let long = try Safetensors.encode([String(repeating: "a", count: 640 - 58): StoredArray([1] as [UInt8])])
    #expect(long[0] == 0x80 && long[1] == 2, "\(long.prefix(2))")
    #expect(try Safetensors.decode(long).count == 1)
    let damaged = #expect(throws: ArrayFileError.self) { try Safetensors.decode(Array(long.dropLast())) }
    #expect(damaged?.kind == .truncated)
  }

  @Test func othersWanted() throws {
    let zip = try Self.zip(["archive/data.pkl", "archive/data/0"])
    #expect(error { _ = try NPZ.decode(zip) }?.reason == Self.torch)
    #expect(error { _ = try NPY.decode(zip) }?.reason == Self.torch)
    #expect(error { _ = try NPY.decode(Self.old) }?.reason == Self.pickle)
    #expect(try NPZFile(bytes: Self.zip(["readme"])).names.isEmpty)
  }
}
