import Foundation
import Synchronization
import Testing
import UnrollTestSupport
import UnrollTraining

@testable import unroll_lab

/// The classic experiments by command, with budgets that learn nothing.
@Suite struct ReproductionTests {
  private func reproduction(_ arguments: [String], tell: @escaping (String) -> Void = { _ in }) throws -> Reproduction {
    var reproduction = Reproduction(options: try Options(["reproduce"] + arguments))
    reproduction.isInterrupted = { false }
    reproduction.tell = tell
    return reproduction
  }

  private func json(in folder: String) throws -> String {
    try String(contentsOfFile: folder + "/results.json", encoding: .utf8)
  }

  private static let several = ["embedded", "aⁿbⁿcⁿ", "--seeds", "2", "--seed", "3", "--updates", "2"]

  @Test func runsAndWrites() async throws {
    try await withFolder { folder in
      var lines: [String] = []
      let text = try await reproduction(ReproductionTests.several + ["--out", folder]) { lines.append($0) }.run()
      #expect(try String(contentsOfFile: folder + "/results.md", encoding: .utf8) == text)
      #expect(text.contains("| embedded Reber grammar | chrono LSTM 16 |") && text.contains("| aⁿbⁿcⁿ, n ≤ 10 | tanh RNN 8 |"))
      #expect(text.contains("Trainings were stopped after 2 updates.") && text.contains("0 of 2"))
      #expect(text.split(separator: "\n").count { $0.hasPrefix("| ") } == 1 + 4, "one heading for all")
      // Two headings, and for each seed of each experiment the LSTM and three rates of the contrast.
      #expect(lines.count == 2 + 2 * 2 * 4 && lines.count { $0.contains("not solved in 2 updates") } == 16)
      #expect(lines.count { $0.hasPrefix("  8/8 ") } == 2)
      let values = try #require(try JSONSerialization.jsonObject(with: Data(json(in: folder).utf8)) as? [[String: Any]])
      #expect(values.count == 16 && Set(values.compactMap { $0["seed"] as? Int }) == [3, 4])
      #expect(values.allSatisfy { $0["steps"] as? Int == 2 })
    }
  }

  /// A run that was stopped keeps what was finished; the same command trains for the rest alone, and all is as if never stopped.
  @Test func goesOnAfterAnInterruption() async throws {
    try await withFolder { folder in
      let (straight, stopped) = (folder + "/straight", folder + "/stopped")
      let whole = try await reproduction(ReproductionTests.several + ["--out", straight, "--json"]).run()
      let arguments = ReproductionTests.several + ["--out", stopped, "--json", "--threads", "1"]
      let finished = Mutex(0)
      var first = try reproduction(arguments) { line in if line.contains("/8 ") { finished.withLock { $0 += 1 } } }
      first.isInterrupted = { finished.withLock { $0 >= 3 } }
      let error = await #expect(throws: Interrupted.self) { try await first.run() }
      let kept = try ExperimentResult.results(json: json(in: stopped))
      #expect((3..<8).contains(kept.count))
      #expect(
        error?.description
          == "stopped after \(kept.count) of 8 trainings of embedded Reber grammar; the same command resumes from "
          + "\(stopped)/results.json, and --fresh starts over")
      var lines: [String] = []
      let resumed = try await reproduction(arguments) { lines.append($0) }.run()
      #expect(lines[1] == "  \(kept.count) of 8 trainings were done before; --fresh starts over")
      #expect(lines.count == 3 + 16 - kept.count)
      let (all, again) = (try ExperimentResult.results(json: whole), try ExperimentResult.results(json: resumed))
      #expect(all.map(figures) == again.map(figures) && all.count == 16)
      // The kept ones were not trained again: their times are those of the first run.
      #expect(Set(kept.map(\.seconds)).isSubset(of: again.map(\.seconds)))
    }
  }

  /// What is measured, without the time it took.
  private func figures(_ result: ExperimentResult) -> [String] {
    [
      result.experiment, result.contestant, "\(result.learningRate)", "\(result.seed)", result.settings, "\(result.reached)",
      "\(result.steps)", "\(result.sequences)", "\(result.metric)",
    ]
  }

  /// Other seeds and limits are other trainings, and other experiments stay in the file.
  @Test func onlyTheSameIsTheSame() async throws {
    try await withFolder { folder in
      let runs: [(arguments: [String], trained: Int)] = [
        (["embedded", "--seeds", "1", "--updates", "1"], 4), (["embedded", "--seeds", "1", "--updates", "1"], 0),
        (["embedded", "--seeds", "2", "--updates", "1"], 4), (["embedded", "--seeds", "1", "--updates", "2"], 4),
        (["aⁿbⁿcⁿ", "--seeds", "1", "--updates", "1"], 4),
        // Anew is what was asked for, and that alone: all results of that experiment go, and four come.
        (["embedded", "--seeds", "1", "--updates", "1", "--fresh"], 4),
      ]
      for (arguments, trained) in runs {
        var lines: [String] = []
        _ = try await reproduction(arguments + ["--out", folder]) { lines.append($0) }.run()
        #expect(lines.count { $0.contains(" updates, measured ") } == trained, "\(arguments)")
      }
      let results = try ExperimentResult.results(json: json(in: folder))
      #expect(results.count == 8 && Set(results.map(\.experiment)).count == 2)
    }
  }

  /// A file that is damaged or something else is told of in one line, and left as it is.
  @Test(arguments: [
    ("", "byte 0: the JSON text ends"), ("[{", "byte 2: "), ("{\"a\": 1}", ": it is not a list of results"),
    ("[1]", ": entry 1 is not a result of a training"), ("[{\"experiment\": \"x\"}]", ": entry 1 is not a result"),
  ]) func foreignResults(_ content: String, _ part: String) async throws {
    try await withFolder { folder in
      try content.write(toFile: folder + "/results.json", atomically: true, encoding: .utf8)
      for fresh in [[], ["--fresh"]] {
        let arguments = ["embedded", "--seeds", "1", "--updates", "1", "--out", folder] + fresh
        let error = await #expect(throws: Options.Misuse.self) { try await reproduction(arguments).run() }
        let sentence = error?.description ?? ""
        #expect(
          sentence.hasPrefix("\(folder)/results.json") && sentence.contains(part) && !sentence.contains("\n"), "\(sentence)")
        #expect(sentence.hasSuffix("move the file away, or name another folder: --out FOLDER"))
        #expect(try json(in: folder) == content)
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["results.json"])
    }
  }

  @Test func namesAndPartsOfThem() throws {
    #expect(
      try Selection.names(matching: []) == Experiment.all.map(\.name) + [Experiment.textName, Experiment.seriesName])
    #expect(try Selection.names(matching: ["tracking"]).count == 4)
    #expect(try Selection.names(matching: ["COPY"]) == ["copy memory, T = 100", "copy memory, T = 200"])
    #expect(try Selection.names(matching: ["adding, T = 100", "embedded"]).count == 2)
    #expect(try Selection.names(matching: ["text"]) == [Experiment.textName])
    // What no keyboard has can be typed in letters that it has.
    for typed in ["anbncn", "aⁿbⁿcⁿ", "ANBNCN, n <= 10"] {
      #expect(try Selection.names(matching: [typed]) == ["aⁿbⁿcⁿ, n ≤ 10"])
    }
    #expect(throws: Options.Misuse(description: "there is no experiment anbcn; try anbncn")) {
      try Selection.names(matching: ["anbcn"])
    }
    #expect(throws: Options.Misuse(description: "there is no experiment addng; try adding")) {
      try Selection.names(matching: ["addng"])
    }
    let error = #expect(throws: Options.Misuse.self) { try Selection.names(matching: ["translation"]) }
    #expect(error?.description.hasPrefix("there is no experiment translation; there are temporal order, 4 classes;") == true)
    #expect(throws: Options.Misuse(description: "--seeds needs an integer from 1 to 1000, not 0")) {
      try Options(["reproduce", "--seeds", "0"])
    }
  }
}

/// The character model among the experiments.
@Suite struct TextReproductionTests {
  private func reproduction(_ arguments: [String], in folder: String) throws -> Reproduction {
    var reproduction = Reproduction(options: try Options(["reproduce"] + arguments + ["--out", folder + "/out"]))
    reproduction.isInterrupted = { false }
    reproduction.workingFolder = folder
    reproduction.tell = { _ in }
    return reproduction
  }

  @Test func aRowOfItsOwn() async throws {
    try await withFolder { folder in
      let path = folder + "/verse"
      try String(repeating: "to be or not to be, ", count: 150).write(toFile: path, atomically: true, encoding: .utf8)
      let text = try await reproduction(["text", "--text", path, "--updates", "2", "--seeds", "1"], in: folder).run()
      #expect(text.contains("| text, character model | LSTM 2 × 128 | 0.0020 | 0 of 1 | – | – | "))
      #expect(text.contains("fewer bits per character of \(path) (3000 characters) than the frequencies of pairs have"))
      // Another text is another training.
      try String(repeating: "to be or not to be; ", count: 150).write(toFile: path, atomically: true, encoding: .utf8)
      _ = try await reproduction(["text", "--text", path, "--updates", "2", "--seeds", "1"], in: folder).run()
      let results = try ExperimentResult.results(
        json: String(contentsOfFile: folder + "/out/results.json", encoding: .utf8))
      #expect(results.count == 2 && results.allSatisfy { $0.steps == 2 && $0.sequences == 100 && $0.metric < 5 })
    }
  }

  /// Without a text the row says what to type, and who asks for that row alone is told.
  @Test func withoutAText() async throws {
    try await withFolder { folder in
      let selection = try Selection(Options(["reproduce"]), workingFolder: folder)
      #expect(
        selection.notRun.map(\.reason) == [
          "name a text to learn: unroll-lab reproduce text --text FILE",
          "name a file of series to classify: unroll-lab reproduce --data FILE",
        ])
      #expect(selection.experiments.map(\.name) == Experiment.all.map(\.name))
      let wrongs: [(arguments: [String], sentence: String)] = [
        (
          ["text"],
          "this library's sources are not above the current folder; name a text to learn: unroll-lab reproduce text --text FILE"
        ),
        (["adding", "--text", "verse"], "--text is for the experiment text, which is not among those named"),
      ]
      for (arguments, sentence) in wrongs {
        await #expect(throws: Options.Misuse(description: sentence)) { try await reproduction(arguments, in: folder).run() }
      }
      try "short".write(toFile: folder + "/short", atomically: true, encoding: .utf8)
      let short = await #expect(throws: Options.Misuse.self) {
        try await reproduction(["text", "--text", folder + "/short"], in: folder).run()
      }
      #expect(short?.description.hasSuffix("try a longer text: --text FILE") == true, "\(short as Any)")
      await #expect(throws: DataFileError.self) {
        try await reproduction(["text", "--text", folder + "/none"], in: folder).run()
      }
      #expect(!FileManager.default.fileExists(atPath: folder + "/out"), "nothing is written before all is right")
    }
  }
}
