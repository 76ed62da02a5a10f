import Foundation
import Testing
import UnrollArrays
import UnrollTestSupport
import UnrollTraining

/// Windows read from a file are those of the same ids in memory.
@Suite struct FileWindowsTests {
  private static func bytes(_ ids: [Int], _ size: Int) -> [UInt8] {
    ids.flatMap { id in (0..<size).map { UInt8(truncatingIfNeeded: id >> (8 * $0)) } }
  }

  @Test(arguments: [FileWindows.IDFormat.oneByte, .twoBytes, .fourBytes]) func theSameWindows(
    format: FileWindows.IDFormat
  ) throws {
    let largest = [1: 255, 2: 65535, 4: Int(Int32.max)][format.rawValue] ?? 0
    for count in [5, 6, 29, 30, 31, 64] {
      let ids = (0..<count).map { largest - 3 * $0 }
      try withTemporaryFile(Self.bytes(ids, format.rawValue)) { path in
        for (batch, steps) in [(1, 1), (1, 7), (4, 3), (2, 100)] {
          let memory = Windows(Indices(ids), batch: batch, steps: steps)
          let file = try FileWindows(path, format, batch: batch, steps: steps)
          #expect(file.count == memory.count)
          #expect(try (0..<file.count).map { try file.window($0) } == Array(memory))
        }
      }
    }
  }

  /// A file of 8 GB, which takes no room on the disk: only pieces are read.
  @Test func larger() throws {
    try withTemporaryFile([7]) { path in
      #expect(truncate(path, 1 << 33) == 0)
      let windows = try FileWindows(path, batch: 3, steps: 5)
      #expect(windows.length == ((1 << 33) - 1) / 3)
      #expect(try windows.window(0).inputs[0].values == [7, 0, 0, 0, 0])
      #expect(try windows.window(windows.count - 1).inputs.shape == [3, windows.length - (windows.count - 1) * 5])
    }
  }

  @Test func damagedFiles() throws {
    try withTemporaryFile([1, 2, 3]) { path in
      let odd = #expect(throws: DataFileError.self) { try FileWindows(path, .twoBytes, batch: 1, steps: 1) }
      #expect(odd?.description == "\(path): 3 bytes are not a whole number of ids of 2 bytes")
      let few = #expect(throws: DataFileError.self) { try FileWindows(path, batch: 3, steps: 1) }
      #expect(few?.description == "\(path): 3 ids do not fill 3 rows and their targets")
    }
    try withTemporaryFile([1, 0, 0, 0, 0, 0, 0, 0x80, 2, 0, 0, 0]) { path in
      let windows = try FileWindows(path, .fourBytes, batch: 1, steps: 2)
      let large = #expect(throws: DataFileError.self) { try windows.window(0) }
      #expect(large?.description == "\(path), byte 4: the id 2147483648 is greater than 2³¹ − 1")
      #expect(large?.kind == .malformed)
      #expect(truncate(path, 8) == 0)
      #expect(throws: DataFileError.self) { try windows.window(0) }
    }
    let missing = #expect(throws: DataFileError.self) { try FileWindows("/nowhere/ids", batch: 1, steps: 1) }
    #expect(missing?.description == "/nowhere/ids: No such file or directory")
  }

  @Test func misuseMessages() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = try FileWindows("/nowhere/ids", batch: 0, steps: 1)
    }
    #expect(stopSentence(result) == "FileWindows: 0 rows and windows of 1 steps must both be positive")
  }
}
