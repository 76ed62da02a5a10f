import Foundation
import Testing
import UnrollFiles
import UnrollNetworks
import UnrollTestSupport
import UnrollTraining

/// The numbers of a training as a value, as CSV and in a checkpoint.
@Suite struct TrainingHistoryTests {
  private static func history() -> TrainingHistory {
    var history = TrainingHistory(columns: ["loss", "rate", "none"])
    history.append(step: -3, ["loss": 0.1 + 0.2, "rate": 1e-20])
    history.append(step: 0, [:])
    history.append(step: 12, ["loss": .infinity])
    return history
  }

  private static let text = "step,loss,rate,none\n-3,0.30000000000000004,1e-20,\n0,,,\n12,inf,,\n"

  @Test func columns() {
    let history = TrainingHistoryTests.history()
    #expect(history.allSteps == [-3, 0, 12] && history.columns == ["loss", "rate", "none"])
    #expect(history.values("loss") == [0.1 + 0.2, .infinity] && history.steps("loss") == [-3, 12])
    #expect(history.values("rate") == [1e-20] && history.steps("rate") == [-3])
    #expect(history.values("none") == [] && history.steps("none") == [])
  }

  @Test func textAndBack() async throws {
    let history = TrainingHistoryTests.history()
    #expect(history.description == TrainingHistoryTests.text)
    #expect(TrainingHistory(TrainingHistoryTests.text) == history)
    #expect(try Checkpoint(step: 1, ["history": history]).value("history") == history)
    try await withFolder { folder in
      try history.write(to: folder + "/history.csv")
      #expect(try String(contentsOfFile: folder + "/history.csv", encoding: .utf8) == TrainingHistoryTests.text)
      #expect(try TrainingHistory(contentsOf: folder + "/history.csv") == history)
      #expect(throws: ArrayFileError.self) { try history.write(to: folder + "/no/history.csv") }
    }
    #expect(TrainingHistory(TrainingHistory(columns: []).description) == TrainingHistory(columns: []))
  }

  /// The log of a training that goes on is read up to its last complete line.
  @Test func logs() async throws {
    try await withFolder { folder in
      let path = folder + "/run.csv"
      var (log, history) = (
        try TrainingLog(path, columns: ["loss", "rate"], after: 0), TrainingHistory(columns: ["loss", "rate"])
      )
      for step in 1...3 {
        let values = step == 2 ? ["rate": 0.5] : ["loss": 1 / Double(step), "rate": 0.5]
        try log.append(step: step, values)
        history.append(step: step, values)
      }
      #expect(try TrainingHistory(contentsOf: path) == history)
      let whole = try String(contentsOfFile: path, encoding: .utf8)
      #expect(whole == history.description)
      try Data((whole + "4,0.2").utf8).write(to: URL(fileURLWithPath: path))
      #expect(try TrainingHistory(contentsOf: path) == history)
    }
  }

  @Test(arguments: [
    ("", nil, "there is no header that ends its line"), ("step,a", nil, "there is no header that ends its line"),
    ("time,a\n", 1, "the header \"time,a\" is not that of a history"),
    ("step,a,a\n", 1, "the header \"step,a,a\" is not that of a history"),
    ("step,\n", 1, "the header \"step,\" is not that of a history"),
    ("step,a\n1,2\n1,3\n", 3, "\"1,3\" is not a later step with 1 numbers"),
    ("step,a\n1,2,3\n", 2, "\"1,2,3\" is not a later step with 1 numbers"),
    ("step,a\nx,2\n", 2, "\"x,2\" is not a later step with 1 numbers"), ("step,a\n1,x\n", 2, "\"x\" is not a number"),
    ("step,a\n\n", 2, "\"\" is not a later step with 1 numbers"),
  ]) func otherTexts(text: String, line: Int?, reason: String) throws {
    #expect(TrainingHistory(text) == nil)
    try withTemporaryFile(Array(text.utf8)) { path in
      let error = #expect(throws: DataFileError.self) { try TrainingHistory(contentsOf: path) }
      #expect(error?.reason == reason && error?.line == line && error?.file == path)
    }
  }

  @Test func messages() async {
    let order = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var history = TrainingHistoryTests.history()
      history.append(step: 12, [:])
    }
    #expect(stopSentence(order) == "TrainingHistory: step 12 does not come after step 12")
    let column = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var history = TrainingHistoryTests.history()
      history.append(step: 13, ["los": 1])
    }
    #expect(stopSentence(column) == "TrainingHistory: there is no column \"los\"; there is \"loss\"")
    let name = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = TrainingHistory(columns: ["a,b"])
    }
    #expect(stopSentence(name) == "TrainingHistory: a column cannot have the name \"a,b\"")
    let twice = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = TrainingHistory(columns: ["a", "a"])
    }
    #expect(stopSentence(twice) == "TrainingHistory: two of the columns [\"a\", \"a\"] have the same name")
  }
}
