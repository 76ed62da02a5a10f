import Foundation
import Synchronization
import Testing
import UnrollTraining

@testable import unroll_lab

/// The classic experiments by command, with budgets that learn nothing.
@Suite struct ReproductionTests {
  @Test func runsAndWrites() async throws {
    try await withFolder { folder in
      let arguments = ["reproduce", "embedded", "aⁿbⁿcⁿ", "--seeds", "2", "--seed", "3", "--updates", "2", "--out", folder]
      var reproduction = Reproduction(options: try Options(arguments))
      let told = Mutex<[String]>([])
      reproduction.tell = { line in told.withLock { $0.append(line) } }
      let text = try await reproduction.run()
      #expect(try String(contentsOfFile: folder + "/results.md", encoding: .utf8) == text)
      #expect(text.contains("| embedded Reber grammar | chrono LSTM 16 |") && text.contains("| aⁿbⁿcⁿ, n ≤ 10 | tanh RNN 8 |"))
      #expect(text.contains("Trainings were stopped after 2 updates.") && text.contains("0 of 2"))
      let lines = told.withLock { $0 }
      // Two headings, and for each seed of each experiment the LSTM and three rates of the contrast.
      #expect(lines.count == 2 + 2 * 2 * 4 && lines.count { $0.contains("not solved in 2 updates") } == 16)
      #expect(lines.count { $0.hasPrefix("  8/8 ") } == 2)
      let json = try String(contentsOfFile: folder + "/results.json", encoding: .utf8)
      let values = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]])
      #expect(values.count == 16 && Set(values.compactMap { $0["seed"] as? Int }) == [3, 4])
    }
  }

  @Test func namesAndPartsOfThem() throws {
    #expect(try Reproduction.experiments(named: []).count == Experiment.all.count)
    #expect(Experiment.all.filter { $0.seedCount != 5 }.map { "\($0.name), \($0.seedCount)" } == ["embedded Reber grammar, 10"])
    #expect(try Reproduction.experiments(named: ["COPY"]).map(\.name) == ["copy memory, T = 100", "copy memory, T = 200"])
    #expect(try Reproduction.experiments(named: ["adding, T = 100", "embedded"]).count == 2)
    #expect(throws: Options.Misuse(description: "there is no experiment addng; try adding")) {
      try Reproduction.experiments(named: ["addng"])
    }
    let error = #expect(throws: Options.Misuse.self) { try Reproduction.experiments(named: ["translation"]) }
    #expect(error?.description.hasPrefix("there is no experiment translation; there are temporal order, 4 classes;") == true)
    #expect(throws: Options.Misuse(description: "--seeds wants a whole number from 1 to 1000, not 0")) {
      try Options(["reproduce", "--seeds", "0"])
    }
  }
}
