import Synchronization
import Testing

@testable import UnrollArrays

/// The workers and the pool, used from many tasks at once. The thread sanitizer watches these.
@Suite(.serialized) struct ConcurrencyTests {
  @Test func everyElementIsVisitedOnce() {
    for count in [0, 1, 2, 7, 64, 1000, 12_345] {
      for (unit, threads) in [(1, 2), (3, 3), (64, 7), (1, 16), (20_000, 2), (5, 1)] {
        let visits = (0..<count).map { _ in Counter() }
        parallel(count, unit: unit, threads: threads) { range in
          for i in range { visits[i].add() }
        }
        #expect(visits.allSatisfy { $0.value == 1 }, "\(count) elements by \(unit) on \(threads) threads")
      }
    }
  }

  @Test func sharesBeginAtMultiplesOfTheUnit() {
    let misplaced = Counter()
    parallel(1000, unit: 96, threads: 4) { range in misplaced.add(range.lowerBound % 96) }
    #expect(misplaced.value == 0)
  }

  @Test func aNestedCallRunsOnItsCaller() {
    let total = Counter()
    parallel(8, unit: 1, threads: 4) { outer in
      for _ in outer { parallel(100, unit: 1, threads: 4) { total.add($0.count) } }
    }
    #expect(total.value == 800)
  }

  @Test func manyTasksAtOnceAllFinish() async {
    let total = Counter()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<16 {
        group.addTask {
          for _ in 0..<50 { parallel(64, unit: 8, threads: 4) { total.add($0.count) } }
        }
      }
    }
    #expect(total.value == 16 * 50 * 64)
  }

  @Test func jobsAfterTheWorkersFellAsleepAreDone() {
    let total = Counter()
    for _ in 0..<5 {
      parallel(64, unit: 8, threads: 4) { total.add($0.count) }
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
