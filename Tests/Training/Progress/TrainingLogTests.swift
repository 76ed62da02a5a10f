import Foundation
import Testing
import UnrollArrays
import UnrollFiles
import UnrollTestSupport
import UnrollTraining

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct TrainingLogTests {
  private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  @Test func commaSeparated() async throws {
    try await withFolder { folder in
      let path = folder + "/run.csv"
      var log = try TrainingLog(path, columns: ["loss", "rate"], after: 0)
      try log.append(step: 1, ["loss": 0.5, "rate": 0.1])
      try log.append(step: 3, ["rate": 1e-20])
      try log.append(step: 4, ["loss": .nan])
      #expect(try text(path) == "step,loss,rate\n1,0.5,0.1\n3,,1e-20\n4,nan,\n")
      #expect(log.step == 4)
    }
  }

  @Test func objects() async throws {
    try await withFolder { folder in
      let path = folder + "/run.jsonl"
      var log = try TrainingLog(path, columns: ["loss", "rate"], as: .jsonLines, after: 0)
      try log.append(step: 1, ["loss": 0.5, "rate": 0.1])
      try log.append(step: 2, ["loss": .infinity])
      #expect(try text(path) == "{\"step\":1,\"loss\":0.5,\"rate\":0.1}\n{\"step\":2,\"loss\":null}\n")
      for line in try text(path).split(separator: "\n") { _ = try JSON(Array(line.utf8)) }
    }
  }

  /// Whatever was written after the checkpoint, and wherever the last line was cut.
  @Test(arguments: [TrainingLog.Format.csv, .jsonLines]) func noStepIsThereTwice(_ format: TrainingLog.Format) async throws {
    try await withFolder { folder in
      let (path, other) = (folder + "/a", folder + "/b")
      var straight = try TrainingLog(path, columns: ["loss"], as: format, after: 0)
      for step in 1...8 { try straight.append(step: step, ["loss": Double(step)]) }
      let whole = try text(path)
      for count in 0...whole.utf8.count {
        try Data(whole.utf8.prefix(count)).write(to: URL(fileURLWithPath: other))
        let lines = whole.utf8.prefix(count).count { $0 == UInt8(ascii: "\n") } - (format == .csv ? 1 : 0)
        let resumed = min(5, max(0, lines))
        var log = try TrainingLog(other, columns: ["loss"], as: format, after: resumed)
        for step in resumed + 1..<9 { try log.append(step: step, ["loss": Double(step)]) }
        #expect(try text(other) == whole, "\(count)")
      }
    }
  }

  @Test func otherFiles() async throws {
    try await withFolder { folder in
      let path = folder + "/run.csv"
      func message(_ content: String, _ format: TrainingLog.Format = .csv) throws -> String? {
        try content.write(toFile: path, atomically: true, encoding: .utf8)
        let error = #expect(throws: ArrayFileError.self) { try TrainingLog(path, columns: ["a"], as: format, after: 9) }
        #expect(try text(path) == content)
        return error?.description
      }
      #expect(
        try message("step,b\n1,2\n")
          == "\(path): line 1 does not belong to this log; its header is \"step,b\", not \"step,a\"")
      #expect(
        try message("step,a\n1,2\nx,3\n")
          == "\(path): line 3 does not belong to this log; it is not a step with numbers of these columns: \"x,3\"")
      #expect(
        try message("step,a\n", .jsonLines)
          == "\(path): line 1 does not belong to this log; it is not a step with numbers of these columns: \"step,a\"")
      #expect(throws: ArrayFileError.self) { try TrainingLog(folder + "/no/x", columns: ["a"], after: 0) }
      var full = try TrainingLog(path + "2", columns: ["a"], after: 0)
      try FileManager.default.removeItem(atPath: path + "2")
      try FileManager.default.createSymbolicLink(atPath: path + "2", withDestinationPath: "/dev/full")
      let error = #expect(throws: ArrayFileError.self) { try full.append(step: 1, ["a": 1]) }
      #expect(error?.kind == .system(28))
    }
  }

  /// Not a byte of a file that is no log is lost, whatever its lines end with.
  @Test(arguments: [TrainingLog.Format.csv, .jsonLines]) func foreignFilesStay(_ format: TrainingLog.Format) async throws {
    let header = format == .csv ? "step,a\n1,0.5\n" : "{\"step\":1,\"a\":0.5}\n"
    let foreign: [[UInt8]] = [
      Array("all weights of a year, and no line feed".utf8), try Safetensors.encode(["a": StoredArray([1, 2, 3])]),
      Array((header + "lost weights").utf8), Array((header + "2,0.5,0.5").utf8), Array((header + "\r").utf8),
      Array((header + "{\"step\":x\u{1}").utf8), Array(header.utf8) + [0xFF], Array((header + "2,words\n").utf8),
      Array((header + "2,1,1\n").utf8), Array((header + "{\"step\":2,\"b\":1}\n").utf8), Array((header + "\n").utf8),
      Array((header + "2\n").utf8), Array("step,b".utf8),
    ]
    try await withFolder { folder in
      let path = folder + "/file"
      for bytes in foreign {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let text = String(decoding: bytes, as: UTF8.self)
        for step in [0, 9] {
          let error = #expect(throws: ArrayFileError.self, "\(text)") {
            try TrainingLog(path, columns: ["a"], as: format, after: step)
          }
          #expect(error?.kind == .malformed && error?.file == path)
        }
        #expect(try [UInt8](Data(contentsOf: URL(fileURLWithPath: path))) == bytes, "\(text)")
      }
    }
  }

  /// A line that could not be written as a whole is not there at all, and the next one is a line of its own.
  @Test func aFailedLineIsTakenBack() async throws {
    try await withFolder { folder in
      await #expect(processExitsWith: .success) { [path = folder + "/run.csv" as String] in
        signal(SIGXFSZ, SIG_IGN)
        var log = try TrainingLog(path, columns: ["loss"], after: 0)
        try log.append(step: 1, ["loss": 0.5])
        var old = rlimit()
        let resource = __rlimit_resource_t(UInt32(RLIMIT_FSIZE.rawValue))
        getrlimit(resource, &old)
        for room in 0..<6 {
          var new = rlimit(rlim_cur: rlim_t("step,loss\n1,0.5\n".utf8.count + room), rlim_max: old.rlim_max)
          setrlimit(resource, &new)
          let error = #expect(throws: ArrayFileError.self) { try log.append(step: 2, ["loss": 0.25]) }
          setrlimit(resource, &old)
          #expect(error?.kind == .system(EFBIG) && log.step == 1)
        }
        try log.append(step: 2, ["loss": 0.25])
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "step,loss\n1,0.5\n2,0.25\n")
      }
      // Somebody else has cut the file.
      let path = folder + "/cut.csv"
      var log = try TrainingLog(path, columns: ["loss"], after: 0)
      try log.append(step: 1, ["loss": 0.5])
      try #require(truncate(path, 13) == 0)
      let error = #expect(throws: ArrayFileError.self) { try log.append(step: 2, ["loss": 0.25]) }
      #expect(error?.description == "\(path), byte 13: the last line has no line ending, so nothing can be appended")
      #expect(try text(path) == "step,loss\n1,0")
    }
  }

  @Test func misuse() async throws {
    let column = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = try TrainingLog("/nowhere/x", columns: ["a,b"], after: 0)
    }
    #expect(stopSentence(column) == "TrainingLog: a column cannot have the name \"a,b\"")
    try await withFolder { folder in
      let again = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        [folder = folder as String] in
        var log = try TrainingLog(folder + "/x", columns: ["a"], after: 3)
        try log.append(step: 3, ["a": 1])
      }
      #expect(stopSentence(again) == "TrainingLog: step 3 does not come after step 3")
      let unknown = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        [folder = folder as String] in
        var log = try TrainingLog(folder + "/x", columns: ["a"], after: 3)
        try log.append(step: 4, ["b": 1])
      }
      #expect(stopSentence(unknown) == "TrainingLog: there is no column \"b\"")
    }
  }
}
