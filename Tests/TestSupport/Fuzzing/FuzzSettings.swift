import Foundation

/// How long a fuzzer runs, and from which seed on: as the environment says, or shortly and from the beginning.
package struct FuzzSettings: Sendable {
  /// How many trials: `UNROLL_FUZZ_TRIALS`.
  package let trials: Int
  /// The seed of the first: `UNROLL_FUZZ_SEED`.
  package let seed: UInt64
  /// What the names of those begin with that are tried: `UNROLL_FUZZ_ONLY`; nil for all.
  package let only: String?

  package init(trials standard: Int) {
    let environment = ProcessInfo.processInfo.environment
    trials = environment["UNROLL_FUZZ_TRIALS"].flatMap(Int.init) ?? standard
    seed = environment["UNROLL_FUZZ_SEED"].flatMap(UInt64.init) ?? 0
    only = environment["UNROLL_FUZZ_ONLY"]
  }
}
