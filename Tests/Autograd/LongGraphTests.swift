import Foundation
import Testing
import UnrollArrays
import UnrollAutograd

/// Graphs that would overflow the stack if anything here were recursive, and their memory.
@Suite(.serialized) struct LongGraphTests {
  /// Runs on a thread with a stack of 512 KB.
  private func onSmallStack(_ work: @escaping @Sendable () -> Void) {
    let done = DispatchSemaphore(value: 0)
    let thread = Thread {
      work()
      done.signal()
    }
    thread.stackSize = 512 << 10
    thread.start()
    done.wait()
  }

  @Test func aMillionOperations() {
    onSmallStack {
      let before = MemoryPool.figures.bytesInUse
      let slope = gradient(at: Tensor([1, 2] as [Double])) { x in
        var y = x
        for _ in 0..<500_000 { y = y * 0.999_999 + 1e-6 }
        return y.sum()
      }
      let expected = exp(500_000 * log1p(-1e-6))
      expectClose(slope, Tensor.full([2], expected, .float64), relative: 1e-8)
      #expect(MemoryPool.figures.bytesInUse <= before + 4096)
    }
  }

  @Test func aMillionOperationsReleasedWithoutAWalk() {
    onSmallStack {
      let (value, pullback) = pullback(at: Tensor([1] as [Double])) { x in
        var y = x
        for _ in 0..<1_000_000 { y = y * 1.000_000_1 }
        return y
      }
      #expect(!value.isRecorded)
      withExtendedLifetime(pullback) {}
    }
  }

  /// Two ways from each node to the next: a walk by paths instead of nodes would never end.
  @Test func twoHundredThousandDiamonds() {
    onSmallStack {
      let slope = gradient(at: Tensor([1] as [Double])) { x in
        var y = x
        for _ in 0..<200_000 { y = (y + y) * 0.5 }
        return y.sum()
      }
      expectClose(slope, Tensor([1] as [Double]))
    }
  }

  @Test func releasedOnAnotherThread() async {
    let before = MemoryPool.figures.bytesInUse
    var record: (@Sendable (Tensor) -> Tensor)? = longPullback()
    let taken = record
    record = nil
    await Task.detached { _ = taken?(Tensor([1] as [Double])) }.value
    #expect(MemoryPool.figures.bytesInUse <= before + (64 << 20))
  }

  private func longPullback() -> @Sendable (Tensor) -> Tensor {
    let (_, pullback) = pullback(at: Tensor([1] as [Double])) { x in
      var y = x
      for _ in 0..<100_000 { y = y * 1.000_001 }
      return y
    }
    return { pullback($0) }
  }
}
