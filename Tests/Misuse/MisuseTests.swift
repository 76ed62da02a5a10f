import Foundation
import Testing
import UnrollArrays
import UnrollTestSupport

/// Thousands of calls with wrong shapes, types, positions and numbers. Each comes to a right result or stops with a sentence of the
/// library's; nothing else is allowed: no signal, no trap of Swift's own, no sentence for right arguments, no wrong result.
///
/// Longer, from another seed on, and of one entrance alone:
///
///     UNROLL_FUZZ_TRIALS=100000 UNROLL_FUZZ_SEED=1000000 swift test --filter MisuseTests
///     UNROLL_FUZZ_TRIALS=20000 UNROLL_FUZZ_ONLY=GRUCell swift test --filter MisuseTests
///
/// A failure says its seed; `UNROLL_FUZZ_TRIALS=1 UNROLL_FUZZ_SEED=that` repeats exactly this trial.
@Suite struct MisuseTests {
  @Test func everyMisuseEndsInASentence() async throws {
    let result = try #require(
      await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
        // Trials are copies of this process, and a copy has no threads but one.
        Machine.threadCount = 1
        let settings = FuzzSettings(trials: 2000)
        var count = MisuseCount()
        var seed = settings.seed
        while count.trials < settings.trials {
          if Trial.entrance(of: seed).name.hasPrefix(settings.only ?? "") { count.add(Trial(seed: seed)) }
          seed += 1
        }
        count.report()
      })
    let text = String(decoding: result.standardOutputContent, as: UTF8.self)
    let summary = text.split(separator: "\n").last { $0.hasPrefix(MisuseCount.title) } ?? "no count"
    print(summary)
    #expect(summary.contains(" 0 failures"), "\(text)")
  }

  @Test func theFuzzerSeesWhatIsWrong() async throws {
    let result = try #require(
      await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
        Machine.threadCount = 1
        for act in BadEntrances.all {
          let (text, status) = ForkedProcess.run(seconds: 2, bytes: 4 << 30) {
            var mischief = Mischief(seed: 2)
            act(&mischief)
          }
          guard case .failure(let reason) = Trial.ending(text, status) else { continue }
          print("seen: \(reason)")
        }
      })
    let seen = String(decoding: result.standardOutputContent, as: UTF8.self).split(separator: "\n").filter {
      $0.hasPrefix("seen")
    }
    #expect(seen.count == BadEntrances.all.count, "\(seen)")
  }
}

/// What trials came to.
struct MisuseCount {
  static let title = "Misuse:"
  private(set) var trials = 0
  private var (results, sentences, failures) = (0, 0, 0)
  private var distinct: Set<String> = []
  private var entrances: Set<String> = []

  mutating func add(_ trial: Trial) {
    trials += 1
    entrances.insert(trial.entrance.name)
    switch trial.ending {
    case .result: results += 1
    case .sentence(let sentence):
      sentences += 1
      distinct.insert(sentence.replacing(/-?\d+(\.\d+)?(e-?\d+)?/, with: "n"))
    case .failure(let reason):
      failures += 1
      if failures <= 200 { print("seed \(trial.seed), \(trial.entrance.name): \(reason)\n\(trial.text.prefix(4000))\n") }
    }
  }

  func report() {
    print(
      "\(Self.title) \(trials) calls of \(entrances.count) entrances: \(results) results, \(sentences) stops with one of "
        + "\(distinct.count) sentences, \(failures) failures")
  }
}

/// What no entrance may do, and the fuzzer must see.
private enum BadEntrances {
  static let all: [@Sendable (inout Mischief) -> Void] = [
    // A trap of Swift's own.
    { m in
      m.mayStop()
      let none: [Int] = []
      m.note("\(none[m.extent(3...3)])")
    },
    // A signal.
    { m in raise(SIGSEGV) },
    // A sentence where nothing is wrong.
    { m in stop("sum: there is nothing to add") },
    // A sentence that names no operation.
    { m in
      m.mayStop()
      stop("something went wrong")
    },
    // Arguments that are accepted, and then refused.
    { m in
      m.mayStop()
      m.accepted()
      stop("sum: there is nothing to add")
    },
    // A wrong result.
    { m in m.expect(2 + 2 == 5, "sums are wrong") },
    // No end.
    { m in while m.extent(0...1) < 2 {} },
  ]
}
