import Testing
import UnrollTestSupport

@testable import UnrollArrays

/// Where integers overflow, extents vanish and numbers are infinite.
@Suite struct EdgeTests {
  @Test func infinitiesAreCloseToThemselvesAlone() {
    let infinite = NDArray([Double.infinity, -.infinity])
    #expect(infinite.isClose(to: infinite))
    #expect(!NDArray([5.0, 5]).isClose(to: infinite))
    #expect(!infinite.isClose(to: NDArray([5.0, 5])))
    #expect(!infinite.isClose(to: infinite.flipped(0)))
    #expect(!NDArray([Double.nan]).isClose(to: NDArray([1.0])))
  }

  @Test func tilingKnowsEveryRank() {
    for rank in 1...8 {
      let extents = (0..<rank).map { $0 % 3 == 1 ? 1 : 2 }
      let counts = (0..<rank).map { $0 % 2 + 1 }
      let x = NDArray.range(extents.reduce(1, *)).reshaped(Shape(extents))
      let tiled = x.tiled(counts)
      let shape = zip(extents, counts).map { $0 * $1 }
      #expect(tiled.shape == Shape(shape))
      let numbers = tiled.scalars(as: Double.self)
      for place in numbers.indices {
        var (rest, original, stride) = (place, 0, 1)
        for axis in (0..<rank).reversed() {
          original += rest % shape[axis] % extents[axis] * stride
          stride *= extents[axis]
          rest /= shape[axis]
        }
        #expect(numbers[place] == Double(original))
      }
    }
  }

  @Test func theLargestAndSmallestIntegersAreJustIntegers() {
    let x = NDArray.range(4)
    #expect(x.rolled(.min, axis: 0) == x.rolled(Int.min % 4, axis: 0))
    #expect(x.rolled(.max, axis: 0) == x.rolled(3, axis: 0))
    #expect(x.chunks(.max, axis: 0).count == 4)
    #expect(x[0...Int.max] == x)
    #expect(x[...Int.max] == x)
    #expect(NDArray.zeros([3, 4])[.every(.max)].shape == [1, 4])
    #expect(NDArray.zeros([3, 4])[.every(.min)].shape == [1, 4])
    #expect(NDArray.zeros([3, 0]).tiled([2, 3]).shape == [6, 0])
  }

  @Test func anEmptyArrayMayHaveHugeExtents() {
    let x = NDArray.zeros([0, 1 << 62, 1 << 62])
    #expect(x.contiguous().count == 0)
    #expect(x.transposed().contiguous().shape == [1 << 62, 1 << 62, 0])
    #expect(x.flipped(0, 1).count == 0)
    #expect(x.reshaped([0]).shape == [0])
    #expect(!x.description.isEmpty)
  }
}
