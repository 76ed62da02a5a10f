import Foundation
import Testing
import UnrollTestSupport

@testable import UnrollArrays

/// How many threads a job takes, as a function of the job and of what the machine has.
@Suite struct SharingTests {
  /// The rows of `unroll-bench --case scaling`, and the threads that share the rows of their steps with AVX-512, by the number that
  /// there are. 1 where columns are shared, or nothing.
  struct Row: Sendable {
    let name: String
    let batch, hidden, stepsAtOnce: Int
    let threads: [Int]

    init(_ name: String, _ batch: Int, _ hidden: Int, _ stepsAtOnce: Int, _ threads: [Int]) {
      (self.name, self.batch, self.hidden, self.stepsAtOnce, self.threads) = (name, batch, hidden, stepsAtOnce, threads)
    }

    /// The steps of an LSTM.
    var sharing: StepSharing {
      StepSharing(
        rows: batch, unit: 1, multiplyAdds: 4 * hidden * hidden, columns: 4 * hidden, elements: 7 * hidden, steps: stepsAtOnce)
    }
  }

  /// As on a server without a hypervisor.
  static let betweenSteps = HandOver(first: 600, each: 200)

  static let counts = [1, 2, 4, 8, 16, 32, 64]
  static let rows = [
    Row("1x100x32x32", 1, 32, 100, [1, 1, 1, 1, 1, 1, 1]),
    Row("16x50x64x64", 16, 64, 16, [1, 2, 4, 4, 4, 4, 4]),
    Row("32x100x128x128", 32, 128, 8, [1, 2, 4, 8, 8, 8, 8]),
    Row("64x100x256x256", 64, 256, 4, [1, 2, 4, 8, 16, 16, 16]),
    Row("32x128x512x512", 32, 512, 8, [1, 2, 4, 8, 8, 8, 8]),
    Row("20x35x650x650", 20, 650, 12, [1, 2, 4, 5, 1, 1, 1]),
    Row("1x1000x128x128", 1, 128, 256, [1, 1, 1, 1, 1, 1, 1]),
  ]

  @Test(arguments: rows.indices) func stepsTakeWhatTheyCanUse(_ index: Int) {
    let row = Self.rows[index]
    #expect(
      Self.counts.map { row.sharing.choice(panelWidth: 32, of: $0, betweenSteps: Self.betweenSteps).threads }
        == row.threads, "\(row.name)")
  }

  /// A product of a recurrent step, of one that stands alone, and a pass over memory: by their time alone and the number of threads.
  @Test func aSecondThreadHasToEarnItsStart() {
    #expect(threadsWorth(20_000, pieces: 64, of: 128, .toSleepers) == 1)
    #expect(threadsWorth(40_000, pieces: 64, of: 128, .toSleepers) == 4)
    #expect(threadsWorth(1_000_000, pieces: 64, of: 128, .toSleepers) == 16)
    #expect(threadsWorth(1_000_000, pieces: 5, of: 128, .toSleepers) == 5)
    #expect(threadsWorth(1_000_000, pieces: 6, of: 5, .toSleepers) == 3, "five threads take as long as three: two pieces each")
    #expect(threadsWorth(1000, pieces: 64, of: 128, Self.betweenSteps) == 1)
    #expect(threadsWorth(4000, pieces: 16, of: 128, Self.betweenSteps) == 4)
    #expect(threadsWorth(0, pieces: 1, of: 128, Self.betweenSteps) == 1)
  }

  @Test func moreThreadsNeverTakeLonger() {
    var random = TestRandom(seed: 3)
    for _ in 0..<300 {
      let pieces = Int.random(in: 1...300, using: &random)
      let (alone, handOver) = (Double.random(in: 100...10_000_000, using: &random), [HandOver.toSleepers, Self.betweenSteps])
      for handOver in handOver {
        let results = (1...128).map { available in
          fastest(alone, of: min(available, pieces), handOver) { alone * Double((pieces - 1) / $0 + 1) / Double(pieces) }
        }
        #expect(results.indices.allSatisfy { results[$0].threads <= $0 + 1 })
        #expect(zip(results, results.dropFirst()).allSatisfy { $0.nanoseconds >= $1.nanoseconds })
        #expect(results[0].nanoseconds == alone)
      }
    }
    for row in Self.rows {
      let times = (1...128).map {
        row.sharing.choice(panelWidth: 16, of: $0, betweenSteps: Self.betweenSteps).nanoseconds
      }
      #expect(zip(times, times.dropFirst()).allSatisfy { $0 >= $1 }, "\(row.name)")
    }
  }

  /// Small work stays on its thread, whatever the number of threads; larger work of the same kind does not.
  @Test func aSmallNetworkNeverLeavesItsThread() async {
    await #expect(processExitsWith: .success) {
      Machine.threadCount = 256
      let (x, y) = (NDArray.ones([100, 32]), NDArray.ones([32, 128]))
      _ = x.matmul(y) + 1
      #expect(
        StepSharing(rows: 4, unit: 1, multiplyAdds: 1024, columns: 64, elements: 112, steps: 64).threads(panelWidth: 32) == 1)
      #expect(Workers.shared.count == 0)
      _ = NDArray.ones([1000, 1000]).matmul(NDArray.ones([1000, 1000]))
      let others = min(Processor.current.availableProcessors, 256) - 1
      #expect(others == 0 || Workers.shared.count > 0)
      #expect(Workers.shared.count <= others, "no more threads than processors")
    }
  }

  /// Jobs of three shares, one after another, are done by the same three threads, however many workers there are.
  @Test func aJobConcernsOnlyTheWorkersThatItWants() {
    parallel(16, unit: 1, threads: 16) { _ in }
    let seen = Guarded<Set<ObjectIdentifier>>([])
    for _ in 0..<100 {
      parallel(3, unit: 1, threads: 3) { _ in
        seen.withLock { _ = $0.insert(ObjectIdentifier(Thread.current)) }
      }
    }
    #expect(seen.withLock { $0.count } <= 3)
  }
}

#if !canImport(Darwin)
  /// What the system says about processors, read from texts.
  @Suite struct ProcessorTests {
    @Test func listsOfProcessors() {
      #expect(Processor.allowed("0-3,8") == [0, 1, 2, 3, 8])
      #expect(Processor.allowed(" 5\n") == [5])
      #expect(Processor.allowed("3-1,x").isEmpty)
      #expect(!Processor.allowed(nil).isEmpty)
    }

    @Test func processorsThatShareACoreCountOnce() {
      let files = [
        "/sys/devices/system/cpu/cpu0/topology/core_cpus_list": "0,4",
        "/sys/devices/system/cpu/cpu4/topology/core_cpus_list": "0,4",
        "/sys/devices/system/cpu/cpu1/topology/thread_siblings_list": "1,5",
        "/sys/devices/system/cpu/cpu5/topology/thread_siblings_list": "1,5",
      ]
      #expect(Processor.coreCount(of: [0, 1, 4, 5, 6, 7]) { files[$0] } == 4, "6 and 7 say nothing, so each is a core")
      #expect(Processor.coreCount(of: [0, 1]) { files[$0] } == 2)
    }

    @Test func theSmallestQuotaOfNestedGroupsCounts() {
      let second = ["/sys/fs/cgroup/a/cpu.max": "150000 100000\n", "/sys/fs/cgroup/a/b/cpu.max": "max 100000\n"]
      #expect(Processor.quota(groups: "0::/a/b\n") { second[$0] } == 2)
      #expect(Processor.quota(groups: "0::/\n") { second[$0] } == nil)
      #expect(Processor.quota(groups: "0::/\n") { $0 == "/sys/fs/cgroup/cpu.max" ? "300000 100000" : nil } == 3)
      let first = ["/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us": "50000\n", "/sys/fs/cgroup/cpu/a/cpu.cfs_period_us": "100000\n"]
      #expect(Processor.quota(groups: "3:cpuset:/x\n1:cpu,cpuacct:/a/b\n") { first[$0] } == 1)
      #expect(Processor.quota(groups: "1:cpu:/c\n") { first[$0] } == nil)
      #expect(Processor.quota(groups: "") { _ in nil } == nil)
    }
  }
#endif
