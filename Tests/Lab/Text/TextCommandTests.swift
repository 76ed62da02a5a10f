import Foundation
import Synchronization
import Testing
import UnrollTestSupport
import UnrollTraining

@testable import unroll_lab

/// Learning a text by command: what it writes, stopping and going on, and what it says of what is wrong.
@Suite struct TextCommandTests {
  private static let sizes = ["--hidden", "4", "--layers", "1", "--batch", "2", "--steps", "5", "--length", "12"]

  private func command(_ arguments: [String], stoppedAfter updates: Int = .max) throws -> TextCommand {
    var command = TextCommand(options: try Options(["text"] + TextCommandTests.sizes + arguments))
    var calls = 0
    command.isInterrupted = {
      calls += 1
      return calls >= updates
    }
    command.tell = { _ in }
    command.progress = { total, done in
      Progress(
        total: total, from: done,
        in: Progress.Surroundings(isTerminal: false, columns: 80, seconds: { 0 }, write: { _ in }))
    }
    return command
  }

  private func textFile(in folder: String) throws -> String {
    try String(repeating: "to be or not to be, ", count: 12).write(
      toFile: folder + "/verse", atomically: true, encoding: .utf8)
    return folder + "/verse"
  }

  @Test func learnsAndWrites() async throws {
    try await withFolder { folder in
      let path = try textFile(in: folder)
      let out = folder + "/out"
      let text = try await lab(
        ["text", path, "--out", out, "--updates", "3", "--prompt", "to "] + TextCommandTests.sizes, terminal: Terminal())
      #expect(text.contains("240 characters, 8 different ones:") && text.contains(path) && text.contains("bits per character"))
      #expect(text.contains("\nto ") && !text.contains("\u{1B}"))
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: out).sorted() == ["checkpoint-000000003.safetensors", "log.csv"])
      // Done already: the same is told, and nothing trained.
      let json = try await lab(
        ["text", path, "--out", out, "--updates", "3", "--json"] + TextCommandTests.sizes, terminal: Terminal())
      let value = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
      #expect(value["updates"] as? Int == 3 && (value["sample"] as? String)?.count == 12)
      #expect((value["validation"] as? Double).map { $0 > 0 } == true)
    }
  }

  /// The last update may be the one that leads astray: its weights are no checkpoint, and that is what is said.
  @Test func weightsThatAreNoNumbersAreNotKept() async throws {
    try await withFolder { folder in
      let path = try textFile(in: folder)
      let error = #expect(throws: Options.Misuse.self) {
        try command([path, "--updates", "1", "--rate", "1e39", "--out", folder + "/out"]).run(on: Terminal())
      }
      #expect(error?.description.hasPrefix("the training diverged at update 1; try a smaller rate") == true)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder + "/out")
      #expect(names.allSatisfy { !$0.hasPrefix("checkpoint") }, "\(names)")
    }
  }

  /// A run that was stopped leaves a checkpoint; the same command resumes from it and ends with the bits of one never stopped.
  @Test func goesOnAfterAnInterruption() async throws {
    try await withFolder { folder in
      let path = try textFile(in: folder)
      let (straight, stopped) = (folder + "/straight", folder + "/stopped")
      _ = try command([path, "--updates", "9", "--out", straight]).run(on: Terminal())
      let error = #expect(throws: Interrupted.self) {
        try command([path, "--updates", "9", "--out", stopped], stoppedAfter: 4).run(on: Terminal())
      }
      #expect(
        error?.description
          == "stopped after 4 of 9 updates; the same command resumes from the checkpoint in \(stopped), and --fresh starts over"
      )
      #expect(try Checkpoint.latest(in: stopped)?.step == 4)
      var told = ""
      var again = try command([path, "--updates", "9", "--out", stopped])
      again.tell = { told += $0 }
      _ = try again.run(on: Terminal())
      #expect(told == "The training in \(stopped) resumes after 4 updates; --fresh starts over.")
      told = ""
      _ = try again.run(on: Terminal())
      #expect(told == "The training in \(stopped) has 9 updates; --updates 18 continues it, --fresh starts over.")
      let name = "/checkpoint-000000009.safetensors"
      #expect(FileManager.default.contents(atPath: straight + name) == FileManager.default.contents(atPath: stopped + name))
    }
  }

  @Test func beginsAnewWhenTold() async throws {
    try await withFolder { folder in
      let path = try textFile(in: folder)
      _ = try command([path, "--updates", "6", "--out", folder]).run(on: Terminal())
      _ = try command([path, "--updates", "2", "--out", folder, "--fresh", "--seed", "9"]).run(on: Terminal())
      let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix("safetensors") }
      #expect(names == ["checkpoint-000000002.safetensors"])
      #expect(try String(contentsOfFile: folder + "/log.csv", encoding: .utf8).split(separator: "\n").count == 2)
    }
  }

  /// What is wrong, in one line that says what to type.
  @Test func misuse() async throws {
    try await withFolder { folder in
      let path = try textFile(in: folder)
      try Data([0x61, 0xFF, 0x62]).write(to: URL(fileURLWithPath: folder + "/binary"))
      try "".write(toFile: folder + "/empty", atomically: true, encoding: .utf8)
      _ = try command([path, "--updates", "1", "--out", folder + "/out"]).run(on: Terminal())
      let wrongs: [(arguments: [String], part: String)] = [
        ([folder + "/missing"], "/missing: No such file or directory"),
        ([folder + "/binary"], "/binary, byte 1: the byte 0xff does not begin or end a character of UTF-8 here"),
        (
          [folder + "/empty"],
          "/empty: 0 characters are too few for 2 rows of 5 steps and validation, which need 40; try a longer text"
        ),
        ([path, "--batch", "99"], "or a smaller --batch or --steps"),
        (
          [path, "--prompt", "TO", "--out", folder + "/out"],
          "--prompt needs characters that occur in the text, and \"T\" does not"
        ),
        (
          [path, "--seed", "2", "--out", folder + "/out"],
          "it was trained with a seed of 1, not a seed of 2; type --fresh to start over there, or another folder: --out FOLDER"
        ),
        ([path, "--out", path], "/verse cannot be resumed: Not a directory; type --fresh"),
      ]
      for (arguments, part) in wrongs {
        let error = #expect(throws: (any Error).self, "\(arguments)") {
          try command(["--out", folder + "/other"] + arguments).run(on: Terminal())
        }
        let sentence = error.map { "\($0)" } ?? ""
        #expect(sentence.contains(part) && !sentence.contains("\n") && !(error is Interrupted), "\(sentence)")
      }
      var nowhere = try command([])
      nowhere.workingFolder = folder
      #expect(
        throws: Options.Misuse(
          description: "this library's sources are not above the current folder; name a text to learn: unroll-lab text FILE")
      ) { try nowhere.run(on: Terminal()) }
    }
  }

  /// Without a file it reads the package that this test is part of, from any folder in it.
  @Test func learnsItsOwnSources() throws {
    let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path
    let package = try #require(OwnText.package(from: here))
    let text = try OwnText.read(package)
    #expect(text.contains("enum OwnText") && text.contains("// swift-tools-version") && text.contains("# Unroll"))
    #expect(!text.contains("learnsItsOwn" + "Sources"), "tests are not read")
  }

  /// The first Ctrl-C is a request, and does not end the program; the second does.
  @Test func controlC() async {
    await #expect(processExitsWith: .exitCode(7)) {
      Interruption.listen()
      if Interruption.isRequested { exit(1) }
      pressControlC { Interruption.isRequested }
      exit(7)
    }
    await #expect(processExitsWith: .signal(SIGINT)) {
      Interruption.listen()
      pressControlC { Interruption.isRequested }
      pressControlC { false }
    }
  }

  /// Every signal that asks for the end leaves a checkpoint, and its number in the status, as shells have it.
  @Test(arguments: [SIGINT, SIGTERM, SIGHUP]) func aSignalLeavesACheckpoint(_ number: Int32) async throws {
    try await withFolder { folder in
      let path = try textFile(in: folder)
      let result = await #expect(processExitsWith: .exitCode(128 + number), observing: [\.standardErrorContent]) {
        [number = number as Int32, path = path as String, folder = folder as String] in
        signal(SIGHUP, SIG_DFL)
        // The command begins to listen, and ends by itself only after a long time.
        Thread.detachNewThread {
          while !FileManager.default.fileExists(atPath: folder + "/out/log.csv") { usleep(1000) }
          kill(getpid(), number)
        }
        let arguments = ["text", path, "--out", folder + "/out", "--updates", "1000000"] + TextCommandTests.sizes
        await runToTheEnd(arguments, terminal: Terminal())
      }
      let step = try #require(try Checkpoint.latest(in: folder + "/out")?.step)
      let sentence = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
      #expect(sentence.contains("stopped after \(step) of 1000000 updates"), "\(sentence)")
    }
  }

  /// A program that was started with nohup does not see the terminal go.
  @Test func nohupIsRespected() async {
    await #expect(processExitsWith: .exitCode(7)) {
      signal(SIGHUP, SIG_IGN)
      Interruption.listen()
      kill(getpid(), SIGHUP)
      usleep(20_000)
      exit(Interruption.isRequested ? 1 : 7)
    }
  }
}

/// Sends the signal to this process and waits for what it does: another thread may be the one that is interrupted.
private func pressControlC(until isDone: () -> Bool) {
  kill(getpid(), SIGINT)
  for _ in 0..<30_000 where !isDone() { usleep(1000) }
  if !isDone() { exit(2) }
}
