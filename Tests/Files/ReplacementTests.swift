import Foundation
import Testing
import UnrollArrays

@testable import UnrollFiles

#if canImport(Glibc)
  import Glibc
#endif

/// What a writer replaces, and what it clears away.
struct ReplacementTests {
  private func inFolder(_ body: (_ folder: String) async throws -> Void) async throws {
    let folder = (try temporaryPath("x") as NSString).deletingLastPathComponent
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(folder)
  }

  private func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  private func kind(_ path: String) -> mode_t {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & S_IFMT : 0
  }

  @Test func devicesAndPipesStay() async throws {
    try await inFolder { folder in
      try #require(mkfifo(folder + "/pipe", 0o600) == 0)
      try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: "/dev/full")
      try FileManager.default.createSymbolicLink(atPath: folder + "/link2", withDestinationPath: folder + "/pipe")
      // Not the device by its own name: a library that failed here would take it from the whole machine.
      for path in [folder + "/pipe", folder + "/link", folder + "/link2"] {
        let before = kind(path)
        let error = #expect(throws: ArrayFileError.self) { try Safetensors.write(["a": StoredArray([1])], to: path) }
        #expect(error?.description == "\(path): not a regular file, so it is not replaced")
        #expect(kind(path) == before && before != S_IFREG)
      }
      #expect(try names(folder) == ["link", "link2", "pipe"])
      // A link to a file, or to nothing, is replaced.
      try Data().write(to: URL(fileURLWithPath: folder + "/file"))
      for target in ["/file", "/none"] {
        try FileManager.default.createSymbolicLink(
          atPath: folder + "/to" + target.dropFirst(), withDestinationPath: folder + target)
        try NPY.write(StoredArray([1]), to: folder + "/to" + target.dropFirst())
        #expect(kind(folder + "/to" + target.dropFirst()) == S_IFREG)
      }
    }
  }

  @Test func leftoversGoAndFilesBeingWrittenStay() async throws {
    try await inFolder { folder in
      let (dead, live) = (folder + "/.unroll-1.tmp", folder + "/.unroll-2.tmp")
      for path in [dead, live, folder + "/.unroll-3", folder + "/unroll-4.tmp"] {
        try Data([1]).write(to: URL(fileURLWithPath: path))
      }
      let descriptor = open(live, O_RDONLY | O_CLOEXEC)
      try #require(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
      try NPY.write(StoredArray([1]), to: folder + "/x")
      #expect(try names(folder) == [".unroll-2.tmp", ".unroll-3", "unroll-4.tmp", "x"])
      // Closing alone would keep the lock for as long as a process that another test starts at this moment has its copy.
      flock(descriptor, LOCK_UN)
      close(descriptor)
      try NPY.write(StoredArray([1]), to: folder + "/x")
      #expect(try names(folder) == [".unroll-3", "unroll-4.tmp", "x"])
    }
  }

  /// A process that was killed has left half a file, which the next writer removes before it takes room of its own.
  @Test func aKilledWriterLeavesNothingForLong() async throws {
    try await inFolder { folder in
      await #expect(processExitsWith: .signal(SIGKILL)) { [folder = folder as String] in
        var system = FileSystem()
        system.write = { file, bytes, count in
          _ = FileSystem.system.write(file, bytes, min(count, 8))
          return kill(getpid(), SIGKILL) == 0 ? 8 : -1
        }
        try Safetensors.write(["a": StoredArray([1])], metadata: [:], to: folder + "/x", on: system)
      }
      try #require(try names(folder).count == 1)
      let (seen, path) = (Counter(), folder + "/x")
      var system = FileSystem()
      system.create = { new in
        seen.add(
          (try? FileManager.default.contentsOfDirectory(atPath: (path as NSString).deletingLastPathComponent).count) ?? -1)
        return FileSystem.system.create(new)
      }
      try Safetensors.write(["a": StoredArray([1])], metadata: [:], to: path, on: system)
      #expect(seen.values == [0], "the leftover goes before the new file comes")
      #expect(try names(folder) == ["x"])
    }
  }

  /// Many writers of one folder at a time never take one another's files away.
  @Test func writersSideBySide() async throws {
    try await inFolder { (folder) async throws in
      await withTaskGroup(of: Void.self) { group in
        for i in 0..<8 {
          group.addTask {
            for j in 0..<20 {
              #expect(throws: Never.self) { try NPY.write(StoredArray([i, j]), to: folder + "/\(i)") }
            }
          }
        }
      }
      #expect(try names(folder) == (0..<8).map { "\($0)" })
      for i in 0..<8 { #expect(try NPY.read(folder + "/\(i)").integers() == [Int64(i), 19]) }
    }
  }
}

private final class Counter: Sendable {
  private let guarded = Guarded<[Int]>([])
  func add(_ value: Int) { guarded.withLock { $0.append(value) } }
  var values: [Int] { guarded.withLock { $0 } }
}
