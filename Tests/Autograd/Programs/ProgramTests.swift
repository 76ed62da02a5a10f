import Foundation
import Testing
import UnrollArrays
import UnrollAutograd
import UnrollProgramSupport
import UnrollTestSupport

/// Random programs: derivatives of first and second order, in every combination of modes, against differences.
///
/// Longer, and from another seed on:
///
///     UNROLL_FUZZ_TRIALS=10000 UNROLL_FUZZ_SEED=1000000 swift test --filter ProgramTests
///
/// A failure says its seed and the program; `UNROLL_FUZZ_TRIALS=1 UNROLL_FUZZ_SEED=that` repeats it.
@Suite struct ProgramTests {
  @Test func derivativesOfRandomProgramsAgree() async throws {
    let result = try #require(
      await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
        // Trials are copies of this process, and a copy has no threads but one.
        Machine.threadCount = 1
        let settings = FuzzSettings(trials: 100)
        var count = ProgramCount("Programs")
        for seed in settings.seed..<settings.seed + UInt64(settings.trials) {
          count.add(seed) {
            var random = TestRandom(seed: seed)
            let inputs = (0..<Int.random(in: 1...3, using: &random)).map { i -> Tensor in
              let shapes: [Shape] = [[2, 3], [4], [], [3, 2, 2], [1]]
              var generator = Generator(seed: Int(truncatingIfNeeded: seed) &+ i)
              return Tensor(
                NDArray.uniform(shapes.randomElement(using: &random) ?? [], in: -1..<1, .float64, using: &generator))
            }
            let steps = Int.random(in: 1...6, using: &random)
            let program = Program(at: inputs, steps: steps, depth: 2, using: &random)
            print("inputs of shapes \(inputs.map(\.shape))\n" + program.lines.joined(separator: "\n"))
            fflush(nil)
            return DerivativeCheck(at: inputs, seed: 1) { program($0) }.run()
          }
        }
        count.report()
      })
    try expectNoFailures(result.standardOutputContent)
  }
}

/// What a fuzzer printed ends in a line that counts; it must count no failures, and few trials that decided nothing, as where a
/// program of exponentials leaves the numbers that differences can compare.
func expectNoFailures(_ output: [UInt8]) throws {
  let text = String(decoding: output, as: UTF8.self)
  let summary = try #require(text.split(separator: "\n").last { $0.hasSuffix(" failures") })
  print(summary)
  let counts = summary.matches(of: /\d+/).compactMap { Int($0.output) }
  #expect(counts.count == 3 && counts[2] == 0, "\(text)")
  #expect(counts[1] * 4 <= counts[0], "too many programs decide nothing: \(summary)")
}
