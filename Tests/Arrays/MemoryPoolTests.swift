import Testing
import UnrollTestSupport

@testable import UnrollArrays

/// The figures belong to the whole process, so these tests run one after another and count only blocks of odd sizes.
@Suite(.serialized) struct MemoryPoolTests {
  /// Sizes that no other test asks for, so that their classes are ours.
  static let size = 57 << 20

  @Test func aBlockGivenBackIsHandedOutAgain() {
    let first = MemoryPool.take(Self.size)
    MemoryPool.giveBack(first, Self.size)
    let before = MemoryPool.figures.systemAllocations
    let second = MemoryPool.take(Self.size)
    #expect(second == first)
    #expect(MemoryPool.figures.systemAllocations == before)
    MemoryPool.giveBack(second, Self.size)
  }

  @Test func blocksAreAlignedAndDistinct() {
    let sizes = [0, 1, 63, 64, 65, 80, 81, 1000, 4096, 100_000, 5 << 20]
    let blocks = sizes.map { MemoryPool.take($0) }
    for (block, size) in zip(blocks, sizes) {
      #expect(UInt(bitPattern: block) % 64 == 0)
      if size > 0 { block.initializeMemory(as: UInt8.self, repeating: 7, count: size) }
    }
    #expect(Set(blocks).count == blocks.count)
    for (block, size) in zip(blocks, sizes) { MemoryPool.giveBack(block, size) }
  }

  @Test func storageCountsWhileItLives() {
    let size = 61 << 20
    do {
      let storage = Storage(byteCount: size)
      #expect(MemoryPool.figures.bytesInUse >= size)
      withExtendedLifetime(storage) {}
    }
    let kept = MemoryPool.figures.bytesKept
    #expect(kept >= size)
  }

  @Test func whatExceedsTheLimitGoesToTheSystem() {
    let before = MemoryPool.limit
    defer { MemoryPool.limit = before }
    MemoryPool.limit = 1 << 20
    #expect(MemoryPool.figures.bytesKept <= 1 << 20)
    let block = MemoryPool.take(Self.size)
    MemoryPool.giveBack(block, Self.size)
    #expect(MemoryPool.figures.bytesKept <= 1 << 20)
  }

  @Test func aNegativeLimitStopsWithASentenceMessage() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { MemoryPool.limit = -1 }
    #expect(stopSentence(result) == "MemoryPool.limit: -1 is negative")
  }
}
