import Synchronization
import Testing

@testable import UnrollArrays

/// The workers and the pool, used from many tasks at once. The thread sanitizer watches these.
@Suite(.serialized) struct ConcurrencyTests {
  init() { Machine.threadCount = max(Machine.threadCount, 2) }

  @Test func everyElementIsVisitedOnce() {
    for count in [0, 1, 2, 7, 64, 1000, 12_345] {
      for grain in [1, 3, 64, 20_000] {
        let visits = (0..<count).map { _ in Counter() }
        parallel(count, grain: grain) { range in
          for i in range { visits[i].add() }
        }
        #expect(visits.allSatisfy { $0.value == 1 }, "\(count) elements by \(grain)")
      }
    }
  }

  @Test func partsBeginAtMultiplesOfTheGrain() {
    let misplaced = Counter()
    parallel(1000, grain: 96) { range in misplaced.add(range.lowerBound % 96) }
    #expect(misplaced.value == 0)
  }

  @Test func aNestedCallRunsOnItsCaller() {
    let total = Counter()
    parallel(8, grain: 1) { outer in
      for _ in outer { parallel(100, grain: 1) { total.add($0.count) } }
    }
    #expect(total.value == 800)
  }

  @Test func manyTasksAtOnceAllFinish() async {
    let total = Counter()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<16 {
        group.addTask {
          for _ in 0..<50 { parallel(64, grain: 8) { total.add($0.count) } }
        }
      }
    }
    #expect(total.value == 16 * 50 * 64)
  }

  @Test func jobsAfterTheWorkersFellAsleepAreDone() {
    let total = Counter()
    for _ in 0..<5 {
      parallel(64, grain: 8) { total.add($0.count) }
      spinForMilliseconds(3)
    }
    #expect(total.value == 5 * 64)
  }

  @Test func storageMovesBetweenTasks() async {
    await withTaskGroup(of: Int.self) { group in
      for size in 1...40 {
        group.addTask {
          var blocks: [Storage] = []
          for i in 0..<20 { blocks.append(Storage.with(byteCount: size * 64 + i)) }
          return blocks.count
        }
      }
      for await count in group { #expect(count == 20) }
    }
  }

  private func spinForMilliseconds(_ milliseconds: Int) {
    let clock = ContinuousClock()
    let end = clock.now + .milliseconds(milliseconds)
    while clock.now < end {}
  }

  private final class Counter: Sendable {
    private let count = Atomic(0)
    var value: Int { count.load(ordering: .relaxed) }
    func add(_ amount: Int = 1) { count.add(amount, ordering: .relaxed) }
  }
}
