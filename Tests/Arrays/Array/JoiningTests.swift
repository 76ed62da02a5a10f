import Testing

@testable import UnrollArrays

@Suite struct JoiningTests {
  let a: NDArray = [[1, 2], [3, 4]]

  @Test func concatenating() {
    #expect(NDArray.concatenate([a, [[5, 6]]], axis: 0) == [[1, 2], [3, 4], [5, 6]])
    #expect(NDArray.concatenate([a.transposed(), a, NDArray.zeros([2, 0])], axis: -1) == [[1, 3, 1, 2], [2, 4, 3, 4]])
  }

  @Test func stacking() {
    #expect(NDArray.stack([a, a]).shape == [2, 2, 2])
    #expect(NDArray.stack([a, a.transposed()], axis: -1) == [[[1, 1], [2, 3]], [[3, 2], [4, 4]]])
    #expect(NDArray.stack([[1, 2], [3, 4]]).unstacked().map { $0.scalars(as: Double.self) } == [[1, 2], [3, 4]])
  }

  @Test func splitting() {
    let v = NDArray.range(7)
    #expect(v.split([1, 0, 6], axis: 0).map(\.count) == [1, 0, 6])
    #expect(v.chunks(3, axis: 0).map { $0.scalars(as: Double.self) } == [[0, 1, 2], [3, 4, 5], [6]])
  }

  @Test func tilingPaddingRolling() {
    #expect(a.tiled([2, 1]) == [[1, 2], [3, 4], [1, 2], [3, 4]])
    #expect(a.tiled([1, 2]) == [[1, 2, 1, 2], [3, 4, 3, 4]])
    #expect((NDArray.range(2)).tiled([2, 2]) == [[0, 1, 0, 1], [0, 1, 0, 1]])
    #expect(a.tiled([0, 1]).shape == [0, 2])
    #expect(a.tiled([.max, 0, 1]).shape == [.max, 0, 2])
    #expect(a.padded([(1, 0), (0, 2)], with: 9) == [[9, 9, 9, 9], [1, 2, 9, 9], [3, 4, 9, 9]])
    #expect(NDArray.range(4).rolled(1, axis: 0) == [3, 0, 1, 2])
    #expect(NDArray.range(4).rolled(-5, axis: 0) == [1, 2, 3, 0])
  }

  @Test func creating() {
    #expect(NDArray.range(from: 1, to: 2, by: 0.25) == [1, 1.25, 1.5, 1.75])
    #expect(NDArray.range(from: 3, to: 0, by: -1) == [3, 2, 1])
    #expect(NDArray.linearSpace(0, 1, count: 3) == [0, 0.5, 1])
    #expect(NDArray.identity(2) == [[1, 0], [0, 1]])
    #expect(NDArray.identity(3, .float64).diagonal() == NDArray.ones([3], .float64))
    #expect(NDArray.full([2], 0.1, .float64)[1].item == 0.1)
    #expect(NDArray(3 as Float).shape == [])
    #expect(([[1, 2], [3, 4]] as NDArray).type == .float32)
    #expect(NDArray.ones([2, 2]).cast(to: .float64).type == .float64)
    #expect(NDArray.zeros([3, 0, 2]).scalars(as: Float.self).isEmpty)
  }

  @Test func comparing() {
    #expect(a.isClose(to: [[1, 2], [3, 4.00001]]))
    #expect(!a.isClose(to: [[1, 2], [3, 4.1]]))
    #expect(!a.isClose(to: a.cast(to: .float64)))
    let odd = NDArray([Double.nan, .infinity])
    #expect(odd.isClose(to: odd))
    #expect(odd != odd)
  }
}
