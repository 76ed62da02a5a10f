import Foundation
import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTestSupport
import UnrollTraining

@testable import UnrollRanks

/// What ends all ranks, and what it says.
@Suite struct SentenceTests {
  struct Misuse: Sendable {
    let sentence: String
    let commit: @Sendable (Ranks) -> Void

    init(_ sentence: String, _ commit: @escaping @Sendable (Ranks) -> Void) {
      (self.sentence, self.commit) = (sentence, commit)
    }
  }

  private static func linear(_ inputs: Int, _ outputs: Int) -> Linear {
    var generator = Generator(seed: 1)
    return Linear(inputs, outputs, using: &generator)
  }

  private static let otherShuffle =
    "shard: rank 0 and rank 1 have different data or have shuffled it differently; use generators with the same seed on all ranks"

  static let misuses: [Misuse] = [
    Misuse("mean: the gradient of rank 0 has 12 numbers, that of rank 1 16") { ranks in
      _ = ranks.mean(linear(2 + ranks.rank, 4))
    },
    Misuse("mean: the gradients of rank 0 and rank 1 differ in names, shapes, element types or in what is frozen") { ranks in
      _ = ranks.mean(linear(2, 4).freezing { _ in !ranks.isFirst })
    },
    Misuse("mean: a weight of -1.0 is negative or not finite") { _ = $0.mean(1, weight: -1) },
    Misuse("mean: the weights of the 2 ranks sum to 0.0, so there is no mean") { _ = $0.mean(1, weight: 0) },
    Misuse(
      "rank 0 is at the mean of a number, rank 1 at what is gathered; all ranks must take the same steps in the same order"
    ) {
      ranks in if ranks.isFirst { _ = ranks.mean(1) } else { _ = ranks.gathered(1.0) }
    },
    Misuse("rank 1 has ended, and rank 0 waits for it with what is broadcast") { ranks in
      var step = 1
      if ranks.isFirst { ranks.broadcast(&step) } else { ranks.others?.agree(Notice(.end)) }
    },
    Misuse(otherShuffle) { ranks in
      var generator = Generator(seed: ranks.rank)
      _ = Batches(count: 20, size: 4, using: &generator).shard(ranks)
    },
    Misuse(otherShuffle) { ranks in _ = Windows(Indices(Array(0..<40 + 8 * ranks.rank)), batch: 4, steps: 5).shard(ranks) },
    Misuse("Windows.shard: 1 rows do not suffice for 2 ranks") { ranks in
      _ = Windows(Indices(Array(0..<40)), batch: 1, steps: 5).shard(ranks)
    },
    Misuse("Batches.shard: there are fewer positions than the 2 ranks") { _ = Batches(count: 1, size: 5).shard($0) },
    Misuse("share: a count of -1 is negative") { _ = $0.share(of: -1) },
  ]

  @Test(arguments: misuses.indices) func oneSentence(_ index: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [index] in
      _ = try onRanks(2) { ranks in SentenceTests.misuses[index].commit(ranks) }
    }
    #expect(stopSentence(result) == SentenceTests.misuses[index].sentence)
  }

  @Test func aModelThatDoesNotFit() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = try onRanks(2) { ranks in
        var generator = Generator(seed: 1)
        var model = Linear(2, 4 + ranks.rank, using: &generator)
        ranks.broadcast(&model)
      }
    }
    let sentence = stopSentence(result)
    #expect(
      sentence.hasPrefix("broadcast: the value of rank 0 does not fit that of rank 1: ") && sentence.contains("weight"),
      "\(sentence)")
  }

  @Test func aLibraryThatIsMissing() async {
    let result = await #expect(processExitsWith: .signal(SIGTERM), observing: [\.standardErrorContent]) {
      setenv("PMI_SIZE", "2", 1)
      setenv("UNROLL_MPI", "/none/libmpi.so", 1)
      do throws(RanksError) { _ = try Ranks.joined() } catch { Environment.complain("\(error.kind): \(error)") }
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(
      text.contains("missing: a launcher has started 2 ranks, and there is no MPI library to join them (/none/libmpi.so: "),
      "\(text)")
  }

  @Test func noLauncherIsOneRank() throws {
    let ranks = try Ranks.joined()
    #expect(ranks.count == 1 && ranks.isFirst && ranks.others == nil)
  }
}

/// What launchers say.
@Suite struct LauncherTests {
  private func launcher(_ variables: [String: String]) -> Launcher? { Launcher { variables[$0] } }

  @Test func whoIsAlone() {
    for variables in [
      [:], ["PMI_SIZE": "1"], ["OMPI_COMM_WORLD_SIZE": "1", "PMIX_RANK": "0"], ["PMI_SIZE": "many"], ["SLURM_NTASKS": "4"],
    ] {
      #expect(launcher(variables) == nil, "\(variables)")
    }
  }

  @Test func whoIsNot() {
    let open = launcher(["OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_LOCAL_SIZE": "2", "PMIX_RANK": "3"])
    #expect(open?.count == 4 && open?.localCount == 2 && open?.abis == [.openMPI, .standard])
    let hydra = launcher(["PMI_SIZE": "8", "MPI_LOCALNRANKS": "8", "SLURM_STEP_NUM_TASKS": "1"])
    #expect(hydra?.count == 8 && hydra?.localCount == 8 && hydra?.abis.first == .mpich)
    let slurm = launcher(["SLURM_STEP_NUM_TASKS": "64", "PMIX_RANK": "1"])
    #expect(slurm?.count == 64 && slurm?.localCount == nil && slurm?.abis.first == .standard)
    #expect(launcher(["PMIX_RANK": "0"]).map { $0.count == nil } == true)
  }
}
