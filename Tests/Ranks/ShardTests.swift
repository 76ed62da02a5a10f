import Foundation
import Testing
import UnrollArrays
import UnrollAutograd
import UnrollFiles
import UnrollNetworks
import UnrollTestSupport
import UnrollTraining

@testable import UnrollRanks

/// Together the ranks read what one rank reads, each example once.
@Suite struct ShardTests {
  private static let ids = Indices((0..<211).map { $0 * $0 % 31 })

  @Test(arguments: [1, 2, 3, 5]) func rowsOfWindows(count: Int) throws {
    var generator = Generator(seed: 4)
    let plain = Windows(ShardTests.ids, batch: 5, steps: 7)
    let drawn = Windows(ShardTests.ids, batch: 5, aroundSteps: 7, using: &generator)
    for whole in [plain, drawn] {
      let parts = try onRanks(count) { ranks in Array(whole.shard(ranks)) }
      for (i, window) in whole.enumerated() {
        #expect(joined(parts.map { $0[i].inputs }) == window.inputs)
        #expect(joined(parts.map { $0[i].targets }) == window.targets)
      }
      #expect(parts.allSatisfy { $0.count == whole.count })
    }
  }

  @Test func rowsOfFiles() async throws {
    try await withFolder { folder in
      let bytes = (0..<211).map { UInt8($0 * $0 % 251) }
      try Data(bytes).write(to: URL(fileURLWithPath: folder + "/ids.bin"))
      let whole = try FileWindows(folder + "/ids.bin", batch: 5, steps: 7)
      let parts = try onRanks(3) { ranks in
        let part = whole.shard(ranks)
        return try (0..<part.count).map { try part.window($0) }
      }
      for i in 0..<whole.count {
        #expect(joined(parts.map { $0[i].inputs }) == (try whole.window(i)).inputs)
        #expect(joined(parts.map { $0[i].targets }) == (try whole.window(i)).targets)
      }
      #expect(whole.shard(Ranks(nil)).batch == 5)
    }
  }

  @Test func rowsOfDocuments() throws {
    let documents = (0..<9).map { d in Array(0..<(3 + 7 * d % 12)) }
    let whole = DocumentWindows(documents, batch: 4, steps: 3)
    let parts = try onRanks(3) { ranks in Array(whole.shard(ranks)) }
    #expect(parts.allSatisfy { $0.count == Array(whole).count })
    for (i, window) in whole.enumerated() {
      #expect(joined(parts.map { $0[i].inputs }) == window.inputs)
      #expect(parts.flatMap { $0[i].begins } == window.begins)
      #expect(parts.flatMap { $0[i].mask.values } == window.mask.values)
      #expect(parts.reduce(0) { $0 + $1[i].targetCount } == window.targetCount)
    }
  }

  /// Each position once on one rank, batch by batch; of lengths that are sorted every rank has short and long ones.
  @Test(arguments: [1, 2, 3, 4]) func positionsOfBatches(count: Int) throws {
    var generator = Generator(seed: 5)
    let lengths = (0..<37).map { 5 * $0 % 13 }
    let all = [
      Batches(count: 37, size: 8), Batches(count: 37, size: 9, using: &generator),
      Batches(lengths: lengths, size: 6, using: &generator),
    ]
    for whole in all {
      let parts = try onRanks(count) { ranks in Array(whole.shard(ranks)) }
      #expect(parts.flatMap { $0.flatMap { $0 } }.sorted() == Array(0..<37))
      #expect(Set(parts.map(\.count)).count == 1 && parts.allSatisfy { $0.allSatisfy { !$0.isEmpty } })
      for (i, batch) in whole.prefix(3).enumerated() where whole.allSatisfy({ $0.count >= count }) {
        #expect(parts.flatMap { $0[i] }.sorted() == batch.sorted())
      }
    }
  }

  private func joined(_ rows: [Indices]) -> Indices {
    Indices(rows.flatMap(\.values), shape: [rows.reduce(0) { $0 + $1.shape[0] }, rows[0].shape[1]])
  }

  @Test func shares() throws {
    for count in 1...5 {
      for rows in 0...17 {
        let shares = try onRanks(count) { $0.share(of: rows) }
        #expect(shares.flatMap { Array($0) } == Array(0..<rows))
        #expect((shares.map(\.count).max() ?? 0) - (shares.map(\.count).min() ?? 0) <= 1)
      }
    }
  }

  /// What ranks draw for themselves differs, and the generator that they share stays the same on all.
  @Test func generatorsOfRanks() throws {
    let drawn = try onRanks(3) { ranks in
      var generator = Generator(seed: 9)
      var own = ranks.split(&generator)
      return (own.next(), generator)
    }
    #expect(Set(drawn.map(\.0)).count == 3)
    #expect(Set(drawn.map(\.1)).count == 1)
  }
}
