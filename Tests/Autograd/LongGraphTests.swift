import Foundation
import Testing
import UnrollArrays
import UnrollAutograd

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
  @Test func aMillionOperationsGiveBackTheirMemory() async {
    await #expect(processExitsWith: .success) {
      let (slope, held) = try Self.onSmallStack { () -> (Tensor, Int) in
        let before = MemoryPool.figures.bytesInUse
        let slope = gradient(at: Tensor.full([16], 1.5, .float64)) { x in
          var y = x
          for _ in 0..<500_000 { y = (y * y).squareRoot() }
          return y.sum()
        }
        return (slope, MemoryPool.figures.bytesInUse - before)
      }
      expectClose(slope, Tensor.ones([16], .float64), relative: 1e-8)
      #expect(MemoryPool.figures.peakBytesInUse > 60 << 20)
      #expect(held == 128)
    }
  }

  @Test func aMillionOperationsReleasedWithoutAWalk() throws {
    let isRecorded = try Self.onSmallStack { () -> Bool in
      let (value, pullback) = pullback(at: Tensor([1] as [Double])) { x in
        var y = x
        for _ in 0..<1_000_000 { y = y * 1.000_000_1 }
        return y
      }
      return withExtendedLifetime(pullback) { value.isRecorded }
    }
    #expect(!isRecorded)
  }

  /// Two ways from each node to the next: a walk by paths instead of nodes would never end.
  @Test func twoHundredThousandDiamonds() throws {
    let slope = try Self.onSmallStack {
      gradient(at: Tensor([1] as [Double])) { x in
        var y = x
        for _ in 0..<200_000 { y = (y + y) * 0.5 }
        return y.sum()
      }
    }
    expectClose(slope, Tensor([1] as [Double]))
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
