import Testing
import UnrollArrays

/// A matrix that is not finite gives NaN, and no number that looks like a result: 0 would say that something vanished.
@Suite struct NotFiniteTests {
  static let numbers: [Double] = [.nan, .infinity, -.infinity]

  /// Matrices with one such number at each place, and one of nothing else.
  private func matrices(_ number: Double, _ rows: Int, _ columns: Int, _ type: ElementType) -> [NDArray] {
    var generator = Generator(seed: 5)
    let plain: [Double] = NDArray.normal([rows * columns], .float64, using: &generator).scalars()
    let single = plain.indices.map { place in
      plain.enumerated().map { $0 == place ? number : $1 }
    }
    let zeros = plain.indices.map { place in plain.indices.map { $0 == place ? number : 0 } }
    return (single + zeros + [plain.map { _ in number }]).map {
      NDArray($0, shape: [rows, columns]).cast(to: type)
    }
  }

  private func isAllNaN(_ x: NDArray) -> Bool { x.scalars(as: Double.self).allSatisfy(\.isNaN) }

  @Test(arguments: numbers, [(1, 1), (3, 2), (2, 3), (4, 4)])
  func factorsAndSingularValues(_ number: Double, _ extents: (rows: Int, columns: Int)) {
    for type in ElementType.allCases {
      for a in matrices(number, extents.rows, extents.columns, type) {
        #expect(isAllNaN(a.singularValues()), "\(a)")
        let (q, r) = a.qr()
        #expect(isAllNaN(q) && isAllNaN(r.diagonal()), "\(a)")
        for order in [NormOrder.one, .two, .infinity] {
          let norm = a.norm(order: order).item
          #expect(number.isNaN ? norm.isNaN : norm == .infinity, "\(a) of order \(order): \(norm)")
        }
      }
    }
  }

  @Test(arguments: numbers) func eigenvalues(_ number: Double) {
    for a in matrices(number, 3, 3, .float64) {
      #expect(a.spectralRadius().item.isNaN)
      let (real, imaginary) = a.eigenvalues()
      #expect(isAllNaN(real) && imaginary.shape == [3])
      let (values, vectors) = (a + a.transposed()).symmetricEigen()
      #expect(isAllNaN(values) && isAllNaN(vectors), "\(a)")
    }
  }

  @Test func othersOfABatchKeepTheirs() {
    let a = NDArray.stack([NDArray.identity(2, .float64), NDArray.full([2, 2], .nan, .float64)])
    #expect(a.singularValues()[0] == NDArray([1, 1] as [Double]) && isAllNaN(a.singularValues()[1]))
    #expect(a.qr().r[0].isClose(to: NDArray.identity(2, .float64), relative: 0, absolute: 1e-15) && isAllNaN(a.qr().q[1]))
    #expect(a.symmetricEigen().values[0] == NDArray([1, 1] as [Double]))
    #expect(a.spectralRadius()[0].item == 1 && a.spectralRadius()[1].item.isNaN)
  }
}
