import Foundation
import Testing
import UnrollArrays
import UnrollFiles
import UnrollTestSupport

@testable import unroll_lab

/// The whole program at tiny sizes: text, pictures, JSON, and what stops it.
@Suite struct LabTests {
  static let runs: [(arguments: [String], pictures: [String])] = [
    (["--steps", "6", "--hidden", "3"], ["flow-gains", "flow-gates", "flow-initialisation"]),
    (["flow", "--steps", "2", "--hidden", "1", "--batch", "1"], ["flow-gains", "flow-gates", "flow-initialisation"]),
    (["wall", "--steps", "4", "--updates", "3"], ["wall-surface", "wall-course"]),
    (["wall", "--updates", "1"], ["wall-surface", "wall-course"]),
    (["truncate", "--steps", "5", "--hidden", "2", "--batch", "1"], ["truncate-error", "truncate-direction"]),
    (["online", "--steps", "4", "--hidden", "2", "--draws", "8"], ["online-error"]),
    (["online", "--steps", "2", "--hidden", "1", "--draws", "1"], ["online-error"]),
    (["clip", "--steps", "8", "--hidden", "2", "--updates", "4"], ["clip-loss"]),
    (["cell", "--steps", "6", "--updates", "3"], ["cell-belt"]),
    (["cell", "--steps", "2", "--updates", "1", "--hidden", "1"], ["cell-belt"]),
    (["cure", "--steps", "4", "--updates", "2", "--hidden", "3"], ["cure-flow", "cure-learning"]),
    (["cure", "--steps", "2", "--updates", "1", "--hidden", "1"], ["cure-flow", "cure-learning"]),
  ]

  @Test(arguments: runs) func runsAndDraws(_ run: (arguments: [String], pictures: [String])) async throws {
    try await withFolder { folder in
      let text = try await lab(run.arguments + ["--out", folder], terminal: Terminal(columns: 80))
      #expect(!text.contains("\u{1B}"), "colour where there is no terminal")
      #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 || $0.contains(folder) })
      let narrow = try await lab(run.arguments + ["--out", folder], terminal: Terminal(columns: 40))
      let long = narrow.split(separator: "\n").filter { $0.count > 40 && !$0.contains(folder) }
      #expect(long.isEmpty, "\(long)")
      for name in run.pictures {
        #expect(text.contains("\(folder)/\(name).svg"))
        let checker = XMLChecker(try String(contentsOfFile: "\(folder)/\(name).svg", encoding: .utf8))
        #expect(checker.faults.isEmpty && checker.elements.first?.name == "svg", "\(name)")
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == run.pictures.map { $0 + ".svg" }.sorted())
      #expect(text.contains("--help lists the other demonstrations") == (run.arguments[0] == "--steps"))
    }
  }

  @Test(arguments: runs) func speaksJSON(_ run: (arguments: [String], pictures: [String])) async throws {
    let text = try await lab(run.arguments + ["--json"], terminal: Terminal(isColoured: true))
    let value = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let findings = try #require(value["findings"] as? [[String: Any]])
    #expect(!findings.isEmpty && findings.allSatisfy { $0["verdict"] is String && $0["numbers"] is [String: Any] })
    #expect((value["pictures"] as? [String]) == [])
  }

  @Test func coloursAreForTerminals() async throws {
    try await withFolder { folder in
      let text = try await lab(["--steps", "40", "--hidden", "2", "--out", folder], terminal: Terminal(isColoured: true))
      #expect(text.contains("\u{1B}[1m") && text.contains("\u{1B}[34mvanishes\u{1B}[0m"))
    }
  }

  @Test func inspectsFiles() async throws {
    try await withFolder { folder in
      let path = folder + "/a.safetensors"
      try Safetensors.write(["w\"eight": NDArray([3, 4] as [Float])], metadata: ["format": "pt"], to: path)
      let text = try await lab(["inspect", path], terminal: Terminal())
      #expect(text.contains("w\"eight") && text.contains("float32 [2], norm 5.000, from 3.000 to 4.000"))
      #expect(text.contains("Texts: format."))
      let json = try await lab(["inspect", path, "--json"], terminal: Terminal())
      #expect(try JSONSerialization.jsonObject(with: Data(json.utf8)) is [String: Any])
    }
  }

  /// Files that are none, and folders that cannot be: an error of one line, and nothing is written.
  @Test func whatCannotBeReadOrWritten() async throws {
    try await withFolder { folder in
      try Data("no tensors here".utf8).write(to: URL(fileURLWithPath: folder + "/text"))
      for arguments in [
        ["inspect", folder + "/missing"], ["inspect", folder + "/text"], ["inspect", folder],
        ["--steps", "4", "--out", folder + "/text/deeper"], ["--steps", "10000", "--hidden", "500", "--out", folder + "/text"],
      ] {
        let error = await #expect(throws: (any Error).self, "\(arguments)") { try await lab(arguments, terminal: Terminal()) }
        let sentence = error.map { "\($0)" } ?? ""
        #expect(sentence.contains(folder) && !sentence.contains("\n"), "\(sentence)")
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["text"])
    }
  }

  @Test func whatNoMachineHolds() async throws {
    try await withFolder { folder in
      let numbers = ["--steps", "10000", "--hidden", "4096", "--batch", "10", "--out", folder + "/new"]
      let error = await #expect(throws: Options.Misuse.self) { try await lab(["clip"] + numbers, terminal: Terminal()) }
      #expect(
        error?.description
          == "--steps 10000 times --hidden 4096 times --batch 10 are 409600000 states, more than the limit of 20000000; "
          + "use smaller numbers")
      let made = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(made == [])
    }
  }

  /// Colours are for terminals that show them to people who want them.
  @Test func whoGetsColours() {
    let colour = ["TERM": "xterm-256color"]
    #expect(Terminal(isTerminal: true, columns: 80, environment: colour).isColoured)
    for (isTerminal, environment) in [
      (false, colour), (true, ["TERM": "dumb"]), (true, [:]), (true, ["TERM": ""]),
      (true, colour.merging(["NO_COLOR": "1"]) { a, _ in a }),
      (false, [:]),
    ] {
      #expect(
        !Terminal(isTerminal: isTerminal, columns: 80, environment: environment).isColoured, "\(isTerminal) \(environment)")
    }
    // By the convention, an empty NO_COLOR is none.
    #expect(Terminal(isTerminal: true, columns: 80, environment: colour.merging(["NO_COLOR": ""]) { a, _ in a }).isColoured)
    #expect(Terminal(isTerminal: true, columns: 40, environment: colour).columns == 40)
    #expect(Terminal(isTerminal: true, columns: 3, environment: colour).columns == 20)
    #expect(Terminal(isTerminal: true, columns: nil, environment: colour).columns == 100)
    #expect(Terminal(isTerminal: false, columns: 40, environment: colour).columns == 100)
  }

  /// Where standard output takes nothing, the status says so and standard error why.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"))) func fullOutput() async {
    let result = await #expect(processExitsWith: .exitCode(2), observing: [\.standardErrorContent]) {
      dup2(open("/dev/full", O_WRONLY), STDOUT_FILENO)
      await runToTheEnd(["help"], terminal: Terminal())
    }
    #expect(
      String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        == "unroll-lab: standard output: No space left on device\n")
    let taken = await #expect(processExitsWith: .exitCode(0), observing: [\.standardOutputContent]) {
      print("printed before")
      await runToTheEnd(["help"], terminal: Terminal())
    }
    let text = String(decoding: taken?.standardOutputContent ?? [], as: UTF8.self)
    #expect(text.hasSuffix("printed before\n" + Help.general + "\n"))
  }

  @Test func helpIsTheOverviewOrThatOfACommand() async throws {
    for arguments in [["help"], ["--help"], ["-h"]] {
      #expect(try await lab(arguments, terminal: Terminal()) == Help.general + "\n")
    }
    #expect(try await lab(["help", "flow"], terminal: Terminal()) == Help.of(.flow) + "\n")
    #expect(try await lab(["flow", "--help"], terminal: Terminal()) == Help.of(.flow) + "\n")
  }

  @Test func wraps() {
    #expect(wrapped("one two three", 7) == ["one two", "three"])
    #expect(wrapped("extraordinary", 3) == ["extraordinary"])
    #expect(quoted("a\"\\\n\u{3C3}") == "\"a\\\"\\\\\\n\u{3C3}\"")
  }
}
