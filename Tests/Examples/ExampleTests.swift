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

  @Test func forecastBeatsTheLastValue() {
    let results = forecast(steps: 600, epochs: 4)
    #expect(results.map(\.name) == ["last value", "linear", "GRU"])
    #expect(results.allSatisfy { $0.errors.allSatisfy(\.isFinite) })
    #expect(results[2].errors[3] < results[0].errors[3] && results[1].errors[3] < results[0].errors[3], "\(results)")
  }
}
