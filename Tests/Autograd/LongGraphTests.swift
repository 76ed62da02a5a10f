import Foundation
import Testing
import UnrollArrays
import UnrollAutograd
import UnrollTestSupport

/// Graphs that would overflow the stack if anything here were recursive, and their memory.
@Suite(.serialized) struct LongGraphTests {
  /// What work returns, done on a thread with a stack of 512 KB.
  private static func onSmallStack<Result: Sendable>(_ work: @escaping @Sendable () -> Result) throws -> Result {
    let done = DispatchSemaphore(value: 0)
    let result = Left<Result>()
    let thread = Thread {
      result.value = work()
      done.signal()
    }
    thread.stackSize = 512 << 10
    thread.start()
    done.wait()
    return try #require(result.value)
  }

  /// In a process of its own: what the pool counts is the whole process's.
  @Test func aQuarterOfAMillionOperationsGiveBackTheirMemory() async {
    await #expect(processExitsWith: .success) {
      let (slope, held) = try Self.onSmallStack { () -> (Tensor, Int) in
        let before = MemoryPool.figures.bytesInUse
        let slope = gradient(at: Tensor.full([16], 1.5, .float64)) { x in
          var y = x
          for _ in 0..<125_000 { y = (y * y).squareRoot() }
          return y.sum()
        }
        return (slope, MemoryPool.figures.bytesInUse - before)
      }
      expectClose(slope, Tensor.ones([16], .float64), relative: 1e-8)
      #expect(MemoryPool.figures.peakBytesInUse > 15 << 20)
      #expect(held == 128)
    }
  }

  @Test func aQuarterOfAMillionOperationsReleasedWithoutAWalk() throws {
    let isRecorded = try Self.onSmallStack { () -> Bool in
      let (value, pullback) = pullback(at: Tensor([1] as [Double])) { x in
        var y = x
        for _ in 0..<250_000 { y = y * 1.000_000_1 }
        return y
      }
      return withExtendedLifetime(pullback) { value.isRecorded }
    }
    #expect(!isRecorded)
  }

  /// Two ways from each node to the next: a walk by paths instead of nodes would never end.
  @Test func fiftyThousandDiamonds() throws {
    let slope = try Self.onSmallStack {
      gradient(at: Tensor([1] as [Double])) { x in
        var y = x
        for _ in 0..<50_000 { y = (y + y) * 0.5 }
        return y.sum()
      }
    }
    expectClose(slope, Tensor([1] as [Double]))
  }

  /// Each closure holds the tensor before it, and nothing else holds that one's node.
  @Test(arguments: [Chain.hooks, .checkpoints, .rules]) func closuresThatHoldTheirForerunners(_ chain: Chain) throws {
    let slope = try Self.onSmallStack {
      gradient(at: Tensor([0.5] as [Double])) { x in chain.made(20_000, from: x).sum() }
    }
    expectClose(slope, Tensor([1] as [Double]))
    // The same without a walk that releases one node after the other.
    let isRecorded = try Self.onSmallStack { () -> Bool in
      let (value, pullback) = pullback(at: Tensor([0.5] as [Double])) { x in chain.made(20_000, from: x) }
      return withExtendedLifetime(pullback) { value.isRecorded }
    }
    #expect(!isRecorded)
  }

  enum Chain: Sendable {
    case hooks, checkpoints, rules

    /// The numbers of x, one operation after another.
    func made(_ count: Int, from x: Tensor) -> Tensor {
      var y = x
      for _ in 0..<count {
        let before = y
        switch self {
        case .hooks: y = (before * 1).replacingCotangent { $0 + before.detached() * 0 }
        case .checkpoints: y = checkpointed(x) { x in before + x * 0 }
        case .rules:
          let held = customOperation("held") { x in
            [x[0] * 1]
          } pullback: { g, _, _ in
            [g[0] + before.detached() * 0]
          }
          y = held([before])[0]
        }
      }
      return y
    }
  }

  /// What a chain of checkpoints captures lies outside: looking for it must not lead through the whole chain each time.
  @Test func checkpointsThatCaptureTakeLinearTime() throws {
    func seconds(_ count: Int) -> Double {
      let start = Date()
      _ = gradient(at: Tensor([0.5] as [Double])) { x in Chain.checkpoints.made(count, from: x).sum() }
      return Date().timeIntervalSince(start)
    }
    _ = seconds(100)
    let (few, many) = (seconds(500), seconds(8000))
    #expect(many < 64 * few, "\(few) s for 500, \(many) s for 8000")
  }

  @Test func nestedCheckpoints() async throws {
    let slope = try Self.onSmallStack {
      gradient(at: Tensor([0.5] as [Double])) { x in Self.nested(30, x).sum() }
    }
    expectClose(slope, Tensor([1] as [Double]))
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = try Self.onSmallStack { Self.nested(100_000, Tensor([0.5])) } as Tensor
    }
    let sentence = stopSentence(result)
    #expect(sentence.hasPrefix("checkpointed: "))
    #expect(
      sentence.hasSuffix(
        " bytes of this thread's stack are too few for another nested checkpoint; nest fewer, or use a thread with a "
          + "larger stack"))
  }

  private static func nested(_ depth: Int, _ x: Tensor) -> Tensor {
    depth == 0 ? x : checkpointed(x) { x in nested(depth - 1, x) * 1 }
  }

  @Test func releasedOnAnotherThread() async {
    await #expect(processExitsWith: .success) {
      let before = MemoryPool.figures.bytesInUse
      let record = Left<@Sendable (Tensor) -> Tensor>()
      record.value = Self.longPullback()
      #expect(MemoryPool.figures.bytesInUse - before > 1 << 20)
      await Task.detached { record.value = nil }.value
      #expect(MemoryPool.figures.bytesInUse - before <= 4096)
    }
  }

  private static func longPullback() -> @Sendable (Tensor) -> Tensor {
    let (_, pullback) = pullback(at: Tensor.ones([16], .float64)) { x in
      var y = x
      for _ in 0..<100_000 { y = y.sin() }
      return y
    }
    return { pullback($0) }
  }
}

/// Where a thread leaves its result.
private final class Left<Value>: @unchecked Sendable { var value: Value? }
