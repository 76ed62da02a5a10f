import Testing
import UnrollTestSupport

@testable import UnrollArrays

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#elseif canImport(WASILibc)
  import WASILibc
#endif

/// The figures are the whole process's, so what reads them has a process of its own.
@Suite struct MemoryPoolTests {
  static let size = 57 << 20

  @Test func aBlockGivenBackIsHandedOutAgain() async {
    await #expect(processExitsWith: .success) {
      let first = MemoryPool.take(Self.size)
      MemoryPool.giveBack(first, Self.size)
      let before = MemoryPool.figures.systemAllocations
      let second = MemoryPool.take(Self.size)
      #expect(second == first)
      #expect(MemoryPool.figures.systemAllocations == before)
      MemoryPool.giveBack(second, Self.size)
    }
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

  @Test func storageCountsWhileItLives() async {
    await #expect(processExitsWith: .success) {
      let before = MemoryPool.figures.bytesInUse
      do {
        let storage = Storage.with(byteCount: Self.size)
        #expect(MemoryPool.figures.bytesInUse - before >= Self.size)
        withExtendedLifetime(storage) {}
      }
      #expect(MemoryPool.figures.bytesInUse == before)
      #expect(MemoryPool.figures.bytesKept >= Self.size)
    }
  }

  @Test func whatExceedsTheLimitGoesToTheSystem() async {
    await #expect(processExitsWith: .success) {
      MemoryPool.limit = 1 << 20
      let block = MemoryPool.take(Self.size)
      MemoryPool.giveBack(block, Self.size)
      #expect(MemoryPool.figures.bytesKept <= 1 << 20)
    }
  }

  #if os(Linux)
    /// Blocks of another size are kept, and the process may have little more than it has.
    @Test func whatIsKeptIsGivenBackWhereTheSystemHasNothingLeft() async {
      await #expect(processExitsWith: .success) {
        let (size, count) = (8 << 20, 40)
        let blocks = (0..<count).map { _ in MemoryPool.take(size) }
        for block in blocks { MemoryPool.giveBack(block, size) }
        #expect(MemoryPool.figures.bytesKept >= size * count)
        let pages = Environment.text(ofFile: "/proc/self/statm").flatMap { $0.split(separator: " ").first.flatMap { UInt($0) } }
        let most = (pages ?? 0) * UInt(sysconf(Int32(_SC_PAGESIZE))) + 32 << 20
        var limit = rlimit(rlim_cur: most, rlim_max: most)
        #expect(pages != nil && setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0)
        let large = MemoryPool.take(200 << 20)
        #expect(MemoryPool.figures.bytesKept == 0)
        MemoryPool.giveBack(large, 200 << 20)
      }
    }
  #endif

  @Test func aNegativeLimitStopsWithASentenceMessage() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { MemoryPool.limit = -1 }
    #expect(stopSentence(result) == "MemoryPool.limit: -1 is negative")
  }
}
