import Foundation
import Testing
import UnrollArrays
import UnrollTestSupport

@testable import UnrollFiles

/// Small files that announce more than there is memory for throw, and take none.
struct MemoryLimitTests {
  private static let megabyte = 1 << 20

  @Test func compressedZeros() throws {
    let zeros = StoredArray(NDArray.zeros([Self.megabyte]))
    let one = try NPZ.encode(["a": zeros], compressed: true)
    #expect(one.count < 100_000)
    #expect(try NPZ.decode(one, memoryLimit: 5 * Self.megabyte)["a"]?.shape == [Self.megabyte])
    for limit in [0, 4 * Self.megabyte] {
      let error = #expect(throws: ArrayFileError.self) { try NPZ.decode(one, memoryLimit: limit) }
      #expect(error?.kind == .excessive)
      let single = #expect(throws: ArrayFileError.self) { try NPZFile(bytes: one, memoryLimit: limit).read("a") }
      #expect(single?.kind == .excessive && single?.array == "a")
    }
    // Each of them is small enough, and all together are not.
    let many = try NPZ.encode(["a": zeros, "b": zeros, "c": zeros], compressed: true)
    let error = #expect(throws: ArrayFileError.self) { try NPZ.decode(many, memoryLimit: 5 * Self.megabyte) }
    #expect(
      error?.reason
        == "all arrays together would take \(3 * (4 * Self.megabyte + 128)) bytes of memory, more than the limit of "
        + "\(5 * Self.megabyte)")
    #expect(try NPZFile(bytes: many, memoryLimit: 5 * Self.megabyte).read("b").shape == [Self.megabyte])
  }

  /// Files of a terabyte, which take no room on the disk.
  @Test func sparseFiles() throws {
    let path = try temporaryPath("x")
    defer { try? FileManager.default.removeItem(atPath: (path as NSString).deletingLastPathComponent) }
    let header = Array("{\"a\":{\"dtype\":\"U8\",\"shape\":[1099511627776],\"data_offsets\":[0,1099511627776]}}".utf8)
    var bytes: [UInt8] = []
    bytes.append(littleEndian: UInt64(header.count))
    try Data(bytes + header).write(to: URL(fileURLWithPath: path))
    try #require(truncate(path, off_t(8 + header.count + 1 << 40)) == 0)
    let all = #expect(throws: ArrayFileError.self) { try Safetensors.read(path) }
    #expect(all?.kind == .excessive && all?.file == path)
    let file = try SafetensorsFile(path)
    let one = #expect(throws: ArrayFileError.self) { try file.read("a") }
    #expect(one?.kind == .excessive && one?.array == "a" && one?.file == path)
    let lazily = #expect(throws: ArrayFileError.self) { try file["a"]?.integers() }
    #expect(lazily?.kind == .excessive)
    let text = "{'descr': '|u1', 'fortran_order': False, 'shape': (1099511627776,), }"
    let npy = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.utf8.count), 0] + Array(text.utf8)
    try Data(npy).write(to: URL(fileURLWithPath: path))
    try #require(truncate(path, off_t(npy.count + 1 << 40)) == 0)
    let array = #expect(throws: ArrayFileError.self) { try NPY.read(path) }
    #expect(array?.kind == .excessive && array?.file == path, "\(String(describing: array))")
  }

  @Test func theStandardLimitIsThatOfTheMachine() async throws {
    #expect(MemoryLimit.standard > 0 && MemoryLimit.standard <= Int(ProcessInfo.processInfo.physicalMemory))
    let path = try temporaryPath("x")
    defer { try? FileManager.default.removeItem(atPath: (path as NSString).deletingLastPathComponent) }
    try Safetensors.write(["a": StoredArray([1, 2, 3] as [UInt8])], to: path)
    #expect(throws: ArrayFileError.self) { try Safetensors.read(path, memoryLimit: 2) }
    let negative = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = try NPY.read("x", memoryLimit: -1)
    }
    #expect(stopSentence(negative) == "NPY.read: a memory limit of -1 bytes is negative")
  }
}
