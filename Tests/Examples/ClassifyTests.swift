import Foundation
import Testing
import Unroll

@testable import unroll_examples

#if canImport(Glibc)
  import Glibc
#endif

/// The classification of series: that it learns, goes on as if it had not been stopped, and survives Ctrl-C.
@Suite struct ClassifyTests {
  @Test func goesOnWhereItWas() throws {
    try withFolder { folder in
      let straight = try classify(in: "\(folder)/straight", epochs: 3)
      #expect(straight.total == 120 && straight.accuracy > 0.4, "\(straight)")
      _ = try classify(in: "\(folder)/stopped", epochs: 1)
      #expect(try classify(in: "\(folder)/stopped", epochs: 3) == straight)
      let bytes = try ["straight", "stopped"].map {
        try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($0)/checkpoint-000000003.safetensors"))
      }
      #expect(bytes[0] == bytes[1])
      // Once more: there is nothing left to do.
      #expect(try classify(in: "\(folder)/stopped", epochs: 3) == straight)
    }
  }

  /// SIGINT, as Ctrl-C sends it, comes while the training runs: what it has saved is whole, and is what it goes on from.
  @Test func anInterruptLeavesAValidCheckpoint() async throws {
    let folder = NSTemporaryDirectory() + "unroll-examples-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    await #expect(processExitsWith: .signal(SIGINT)) { [folder = folder as String] in
      Thread.detachNewThread {
        while !FileManager.default.fileExists(atPath: "\(folder)/run/checkpoint-000000001.safetensors") { usleep(1000) }
        kill(getpid(), SIGINT)
      }
      // The training is not over before the signal comes.
      while true { try classify(in: "\(folder)/run", epochs: 1000) }
    }
    let checkpoint = try #require(try Checkpoint.latest(in: "\(folder)/run") { Issue.record("\($0)") })
    #expect(checkpoint.step >= 1)
    let matrix = try classify(in: "\(folder)/run", epochs: checkpoint.step + 1)
    #expect(matrix.total == 120)
  }

  @Test func otherFilesAndFolders() throws {
    try withFolder { folder in
      let path = folder + "/set.ts"
      try Gestures.series(count: 40, seed: 3).write(to: path)
      #expect(try classify(path, in: "\(folder)/own", epochs: 1).total == 8)
      #expect(throws: DataFileError.self) { try classify("\(folder)/missing.ts", in: "\(folder)/own", epochs: 1) }
      // A checkpoint of another model is said to be one.
      try SeriesFile(text: "@classLabel true a b\n@data\n1,2:a\n1:b\n3:a\n4:b\n5:a").write(to: path)
      #expect(throws: LoadingError.self) { try classify(path, in: "\(folder)/own", epochs: 1) }
    }
  }

  /// Files that can be read and are too small, or without classes: a sentence, and no checkpoint.
  @Test func filesThatAreTooSmall() throws {
    try withFolder { folder in
      let path = folder + "/set.ts"
      let cases = [
        ("@classLabel true a b\n@data\n1,2:a\n1:b", "has 2 series; classify needs at least 5,"),
        ("@classLabel true a b\n@data\n1,2:a\n1:b\n1:b\n1:b", "has 4 series; classify needs at least 5,"),
        ("@data\n1,2\n1\n3\n4\n5", "names no classes"),
      ]
      for (text, part) in cases {
        try SeriesFile(text: text).write(to: path)
        let error = #expect(throws: Unclassifiable.self) { try classify(path, in: "\(folder)/own", epochs: 1) }
        #expect(error?.description.hasPrefix("\(path) \(part)") == true, "\(error as Any)")
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/own"))
      }
      try SeriesFile(text: "@classLabel true a b\n@data\n1,2:a\n1:b\n3:a\n4:b\n5:a").write(to: path)
      #expect(try classify(path, in: "\(folder)/own", epochs: 1).total == 1)
      // One class is little to tell apart, and no reason to stop.
      try SeriesFile(text: "@classLabel true a\n@data\n1,2:a\n1:a\n3:a\n4:a\n5:a").write(to: path)
      #expect(try classify(path, in: "\(folder)/one", epochs: 1).total == 1)
    }
  }

  private func withFolder(_ body: (String) throws -> Void) throws {
    let path = NSTemporaryDirectory() + "unroll-examples-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }
}
