import Foundation
import Testing
import UnrollArrays

@testable import UnrollFiles

/// Reading and writing by path.
struct PathTests {
  @Test func filesReturnByPath() throws {
    let path = try temporaryPath("x")
    defer { try? FileManager.default.removeItem(atPath: (path as NSString).deletingLastPathComponent) }
    try Safetensors.write(SafetensorsTests.mixed, metadata: ["format": "pt"], to: path)
    #expect(try Safetensors.read(path).count == 6)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(fixture("written/mixed.safetensors")))
    try NPZ.write(SafetensorsTests.mixed, to: path, compressed: true)
    #expect(try NPZ.read(path)["ids"]?.integers() == [3, -1, .max])
    try NPY.write(floats([1, 2], [2]), to: path)
    #expect(try numbers(NPY.read(path).array()) == [1, 2])
    #expect(try FileManager.default.contentsOfDirectory(atPath: (path as NSString).deletingLastPathComponent) == ["x"])
  }

  /// A tensor that is still in its file may be written over that file.
  @Test func aFileReplacesItself() throws {
    let path = try temporaryPath("x.safetensors")
    defer { try? FileManager.default.removeItem(atPath: (path as NSString).deletingLastPathComponent) }
    try Safetensors.write(["a": floats([1, 2], [2]), "b": floats([3], [1])], to: path)
    let file = try SafetensorsFile(path)
    try Safetensors.write(["c": try #require(file["a"])], to: path)
    #expect(try Safetensors.read(path)["c"].map { try numbers($0.array()) } == [1, 2])
    #expect(try numbers(file.read("b").array()) == [3])
  }

  @Test func aFailedWriteLeavesTheOldFile() throws {
    let path = try temporaryPath("x.safetensors")
    let folder = (path as NSString).deletingLastPathComponent
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Safetensors.write(["a": floats([1, 2], [2])], to: path)
    let before = try fixtureBytes(path)
    let source = folder + "/source"
    try Safetensors.write(["a": floats([1, 2, 3, 4], [4])], to: source)
    let file = try SafetensorsFile(source)
    let handle = try #require(FileHandle(forWritingAtPath: source))
    try handle.truncate(atOffset: 70)
    let tensor = try #require(file["a"])
    #expect(
      failure { () throws(ArrayFileError) in try Safetensors.write(["a": tensor], to: path) }
        == "\(source), byte 70, array \"a\": the file is shorter than when it was opened")
    #expect(try fixtureBytes(path) == before)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["source", "x.safetensors"])
  }

  private func fixtureBytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }

  @Test func errorsNameThePath() throws {
    let path = try temporaryPath("x")
    let folder = (path as NSString).deletingLastPathComponent
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(failure { () throws(ArrayFileError) in _ = try NPY.read(path) } == "\(path): No such file or directory")
    #expect(failure { () throws(ArrayFileError) in _ = try Safetensors.read(folder) } == "\(folder): not a regular file")
    #expect(failure { () throws(ArrayFileError) in _ = try NPZ.read("a\0b") } == "a\0b: the path contains a zero byte")
    #expect(failure { () throws(ArrayFileError) in try NPY.write(StoredArray([1]), to: folder) } == "\(folder): Is a directory")
    let nowhere = folder + "/none/x"
    #expect(failure { () throws(ArrayFileError) in try NPZ.write([:], to: nowhere) } == "\(nowhere): No such file or directory")
    try Data([1, 2, 3]).write(to: URL(fileURLWithPath: path))
    #expect(
      failure { () throws(ArrayFileError) in _ = try Safetensors.read(path) }
        == "\(path), byte 0: the length of a safetensors header needs 8 bytes here, but the file has 3 in all")
    #expect(
      failure { () throws(ArrayFileError) in _ = try NPZ.read(path) }
        == "\(path), byte 3: this is not a zip file, or it is truncated: its end record is missing")
    try NPZ.write(["a": StoredArray([1])], to: path)
    let array = try #require(try NPZ.read(path)["a"])
    #expect(
      failure { () throws(ArrayFileError) in _ = try array.truths() } == "\(path), array \"a\": holds int64, not truth values")
    try Data([1, 2, 3]).write(to: URL(fileURLWithPath: path))
    do throws(ArrayFileError) {
      _ = try NPY.read(path)
    } catch {
      #expect(error.kind == .truncated && error.file == path && error.offset == 0 && error.array == nil)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["x"])
  }

  @Test func permissionsStay() throws {
    let path = try temporaryPath("x")
    defer { try? FileManager.default.removeItem(atPath: (path as NSString).deletingLastPathComponent) }
    try NPY.write(StoredArray([1]), to: path)
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
    try NPY.write(StoredArray([2]), to: path)
    #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o640)
  }
}
