import Foundation
import Testing
import UnrollArrays
import UnrollProgramSupport
import UnrollTestSupport

/// Random uses of random cells with random modifiers: their own way against step by step, float32 against float64, and derivatives of
/// first and second order, in every combination of modes, against differences.
///
/// Longer, from another seed on, and of some cells alone:
///
///     UNROLL_FUZZ_TRIALS=10000 UNROLL_FUZZ_SEED=1000000 swift test --filter RecurrentProgramTests
///     UNROLL_FUZZ_TRIALS=10000 UNROLL_FUZZ_ONLY=GRU swift test --filter RecurrentProgramTests
///
/// A failure says its seed; `UNROLL_FUZZ_TRIALS=1 UNROLL_FUZZ_SEED=that` repeats it.
@Suite struct RecurrentProgramTests {
  @Test func randomRecurrencesAgree() async throws {
    let result = try #require(
      await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
        // Trials are copies of this process, and a copy has no threads but one.
        Machine.threadCount = 1
        let settings = FuzzSettings(trials: 60)
        let variants = OptionCoverTests.cells.flatMap { $0 }.filter { $0.name.hasPrefix(settings.only ?? "") }
        var count = ProgramCount("Recurrent programs")
        for seed in settings.seed..<settings.seed + UInt64(settings.trials) {
          count.add(seed) {
            var random = TestRandom(seed: seed)
            let variant = variants[Int(seed % UInt64(variants.count))]
            let program = RecurrentProgram(seed: Int(truncatingIfNeeded: seed), &random)
            print("\(variant.name): \(program)")
            fflush(nil)
            return variant.program(program)
          }
        }
        count.report()
      })
    let text = String(decoding: result.standardOutputContent, as: UTF8.self)
    let summary = try #require(text.split(separator: "\n").last { $0.hasSuffix(" failures") })
    print(summary)
    let counts = summary.matches(of: /\d+/).compactMap { Int($0.output) }
    #expect(counts.count == 3 && counts[2] == 0, "\(text)")
    #expect(counts[1] * 3 <= counts[0], "too many programs decide nothing: \(summary)")
  }
}
