import Testing
import UnrollArrays
import UnrollAutograd

@testable import UnrollGradientFlow

/// The largest singular value alone against all of them.
@Suite struct LargestSingularValueTests {
  @Test(arguments: [(1, 1), (3, 8), (8, 3), (24, 24)]) func isTheFirstOfAll(_ rows: Int, _ columns: Int) {
    let matrix = normal([rows, columns], 50 + rows).array
    for scale in [1e-100, 1, 1e100] { check(matrix * scale) }
  }

  /// Values next to the largest, where iterations that wait for one to win do not end; and one that stands alone.
  @Test(arguments: [0.0, 1e-12, 1e-6, 0.5, 1]) func whateverIsBesideIt(_ gap: Double) {
    let (u, v) = (rotation(6, 51).array, rotation(6, 52).array)
    check((u * NDArray([1, 1 - gap, 1 - gap, 0.3, 1e-9, 0])).matmul(v))
  }

  @Test func zeroAndNotFinite() {
    #expect(NDArray.zeros([3, 2], .float64).largestSingularValue() == 0)
    #expect(NDArray([1, Double.nan]).reshaped([1, 2]).largestSingularValue().isNaN)
    #expect(NDArray([1, -Double.infinity]).reshaped([2, 1]).largestSingularValue().isNaN)
  }

  private func check(_ matrix: NDArray) {
    let expected: [Double] = matrix.singularValues().scalars()
    let found = matrix.largestSingularValue()
    #expect(abs(found / expected[0] - 1) < 1e-13, "\(found) against \(expected[0])")
  }
}
