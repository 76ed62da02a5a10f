import Foundation
import Testing
import Unroll

@testable import unroll_examples

/// Every example from beginning to end, at sizes that a debug build takes a moment for.
@Suite struct ExampleTests {
  /// Reading forward, what comes later stays a guess; in both directions it does not.
  @Test func taggingNeedsTheFuture() {
    let results = tagging(updates: 300)
    #expect(results.map(\.name) == ["forward", "both directions"])
    #expect(results[0].toldLater < 0.65, "\(results)")
    #expect(results[1].toldLater > 0.85 && results[1].told > 0.85, "\(results)")
  }

  /// A few updates: everything runs, and what is measured is a share.
  @Test func translationRuns() {
    let result = translate(updates: 2, hidden: 6)
    #expect((0...1).contains(result.greedy) && (0...1).contains(result.beams))
    #expect(NumberWords.spelled(912_041).joined(separator: " ") == "nine hundred twelve thousand forty one")
    #expect(NumberWords([0, 20, 305]).digits.values == [0, 10, 11, 11, 2, 0, 10, 11, 3, 0, 5, 10])
  }

  /// Where the year never stood in training the feed-forward network guesses.
  @Test func sharingHoldsAtOtherPlaces() {
    let results = sharing(updates: 250, lengths: [60])
    #expect(results.map(\.length) == [20, 20, 60])
    #expect(results[1].recurrent > 0.8 && results[2].recurrent > 0.6, "\(results)")
    #expect(results[1].flat.map { $0 < 0.3 } == true && results[2].flat == nil, "\(results)")
  }

  /// One rank, in one run and in two: the same numbers, and the log of one run.
  @Test func distributedGoesOnWhereItWas() throws {
    let folder = NSTemporaryDirectory() + "unroll-examples-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let straight = try distributed(in: folder + "/straight", epochs: 3, length: 4000)
    #expect(straight.count == 3 && straight[2] < straight[0], "\(straight)")
    _ = try distributed(in: folder + "/stopped", epochs: 1, length: 4000)
    #expect(try distributed(in: folder + "/stopped", epochs: 3, length: 4000) == straight)
    let logs = try ["straight", "stopped"].map { try String(contentsOfFile: "\(folder)/\($0).csv", encoding: .utf8) }
    #expect(logs[0] == logs[1] && logs[0].split(separator: "\n").count == 4)
  }

  @Test func forecastBeatsTheLastValue() {
    let results = forecast(steps: 600, epochs: 4)
    #expect(results.map(\.name) == ["last value", "linear", "GRU"])
    #expect(results.allSatisfy { $0.errors.allSatisfy(\.isFinite) })
    #expect(results[2].errors[3] < results[0].errors[3] && results[1].errors[3] < results[0].errors[3], "\(results)")
  }
}
