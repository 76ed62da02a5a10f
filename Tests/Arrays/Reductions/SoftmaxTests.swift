import Testing
import UnrollKernelTemplates
import UnrollTestSupport

@testable import UnrollArrays

/// Softmax, positions of extremes and running sums along any axis.
@Suite struct SoftmaxTests {
  static let infinity = Float.infinity

  @Test func limits() {
    #expect(NDArray([0, 1000] as [Float]).softmax().scalars(as: Float.self) == [0, 1])
    #expect(NDArray([0, -Float.infinity] as [Float]).softmax().scalars(as: Float.self) == [1, 0])
    #expect(NDArray([0, 1000] as [Float]).logSoftmax().scalars(as: Float.self) == [-1000, 0])
    #expect(NDArray([5] as [Float]).logSoftmax().item == 0)
    #expect(NDArray([-Float.infinity, -Float.infinity]).logSumExp().item == -.infinity)
    #expect(NDArray([Float.infinity, 0]).logSumExp().item == .infinity)
    #expect(NDArray([Float.infinity, -Float.infinity]).logSumExp().item == .infinity)
    #expect(NDArray([Float.nan, 0]).logSumExp().item.isNaN)
    #expect(NDArray.zeros([0]).logSumExp().item == -.infinity)
    #expect(NDArray.zeros([0, 3]).softmax(axis: 0).shape == [0, 3])
    #expect(abs(NDArray.full([4], 1000).logSumExp().item - (1000 + 1.3862943611198906)) < 1e-4)
  }

  @Test(arguments: [0, 1, 2])
  func alongAnyAxis(_ axis: Int) {
    let x = ReductionTests.numbers([3, 5, 4], .float64)
    let y = x.softmax(axis: axis)
    #expect(y.shape == x.shape)
    #expect(AxisReduction("test", y, [axis]).reduce(.sum).isClose(to: .ones(x.shape.removing(axis), .float64), relative: 1e-14))
    // Moving the axis to the end before or after makes no difference.
    let moved = x.transposed(axis, 2).contiguous()
    #expect(y == moved.softmax().transposed(axis, 2))
    #expect(x.logSoftmax(axis: axis) == moved.logSoftmax().transposed(axis, 2))
    #expect(x.logSoftmax(axis: axis - 3) == x.logSoftmax(axis: axis))
  }

  @Test func positions() {
    let x = NDArray([1, 3, 3, 2, 5, -1, 5, 0] as [Float], shape: [2, 4])
    #expect(x.argmax() == [1, 0] as Indices)
    #expect(x.argmin() == [0, 1] as Indices)
    #expect(x.argmax(axis: 0) == [1, 0, 1, 0] as Indices)
    #expect(x.transposed().argmax(axis: 0) == [1, 0] as Indices)
    #expect(NDArray([1, Float.nan, 9, Float.nan]).argmax() == Indices([1], shape: []))
    #expect(NDArray([1, Float.nan, -9]).argmin() == Indices([1], shape: []))
    #expect(NDArray.full([3], -.infinity).argmax().values == [0])
    #expect(NDArray([-0.0, 0.0] as [Float]).argmax().values == [0])
    let long = ReductionTests.numbers([1003], .float32).scalars(as: Float.self)
    #expect(NDArray(long).argmax().values == [long.firstIndex(of: long.max() ?? 0) ?? -1])
    #expect(NDArray.zeros([0, 3]).argmax(axis: 1).shape == [0])
  }

  @Test func runningSums() {
    let x = NDArray([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3])
    #expect(x.cumulativeSum().scalars(as: Float.self) == [1, 3, 6, 4, 9, 15])
    #expect(x.cumulativeSum(axis: 0).scalars(as: Float.self) == [1, 2, 3, 5, 7, 9])
    #expect(x.cumulativeSum(axis: 1, reversed: true).scalars(as: Float.self) == [6, 5, 3, 15, 11, 6])
    #expect(x.transposed().cumulativeSum(axis: 0).scalars(as: Float.self) == [1, 4, 3, 9, 6, 15])
    #expect(NDArray.zeros([2, 0]).cumulativeSum().shape == [2, 0])
  }
}
