import Foundation
import Testing
import UnrollArrays
import UnrollAutograd

/// Tensors are values: tasks build on, differentiate and release one graph at the same time.
@Suite struct TensorConcurrencyTests {
  @Test func tasksShareOneGraph() async {
    let x = Tensor([0.3, -0.7, 1.1] as [Double])
    let slopes = await withTaskGroup(of: Tensor.self) { group in
      let (_, pull) = pullback(at: x) { x in
        var y = x
        for _ in 0..<200 { y = (y * 1.01).sin() }
        return y
      }
      for _ in 0..<8 { group.addTask { pull(Tensor.ones([3], .float64)) } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    for slope in slopes { #expect(slope.array == slopes[0].array) }
  }

  @Test func tasksBuildOnARecordedTensor() async {
    let x = Tensor([0.3, -0.7, 1.1] as [Double])
    let sums = Shared()
    let outer = gradient(at: x) { x in
      var shared = x
      for _ in 0..<100 { shared = shared.sin() }
      let start = shared
      let inner = concurrently(8) { i in
        gradient(at: Tensor.ones([3], .float64)) { w in (w * start * Double(i)).sum() }
      }
      sums.count = inner.count
      return inner.reduce(Tensor.zeros([3], .float64)) { $0 + $1 }.sum()
    }
    #expect(sums.count == 8)
    var slope = Tensor.ones([3], .float64)
    var y = x
    for _ in 0..<100 {
      slope = slope * y.cos()
      y = y.sin()
    }
    expectClose(outer, slope * 28)
  }

  /// The results of closures that ran on threads of their own.
  private func concurrently(_ count: Int, _ work: @escaping @Sendable (Int) -> Tensor) -> [Tensor] {
    let results = Shared()
    DispatchQueue.concurrentPerform(iterations: count) { i in
      let tensor = work(i)
      results.lock.withLock { results.tensors.append(tensor) }
    }
    return results.tensors
  }
}

/// Where threads leave what they found.
private final class Shared: @unchecked Sendable {
  let lock = NSLock()
  var tensors: [Tensor] = []
  var count = 0
}
