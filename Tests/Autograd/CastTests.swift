import Testing
import UnrollArrays
import UnrollAutograd

/// Derivatives across a change of the element type. Finite differences would see the rounding, so these are known exactly.
@Suite struct CastTests {
  private let x = Tensor([0.5, -2, 3] as [Double])

  @Test func valuesAndTypes() {
    #expect(x.cast(to: .float32).type == .float32)
    #expect(x.cast(to: .float32).array == x.array.cast(to: .float32))
    #expect(x.cast(to: .float64).array == x.array)
  }

  /// In row-major order, also of a view in another order; in place where there is no such need.
  @Test func numbersAreReadWhereTheyLie() {
    let rows = Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3])
    for y in [rows, rows.transposed(), rows[.all, 1...], rows[1], Tensor.zeros([0])] {
      let numbers = y.withSpan(of: Float.self) { numbers in numbers.indices.map { numbers[$0] } }
      #expect(numbers == y.scalars())
    }
    func address(_ y: Tensor) -> UnsafeRawPointer? {
      y.withSpan(of: Float.self) { numbers in numbers.withUnsafeBytes { $0.baseAddress } }
    }
    #expect(address(rows) == address(rows))
    #expect(address(rows[1]) == address(rows).map { $0 + 12 })
  }

  @Test func firstAndSecondDerivatives() {
    func cubes(_ x: Tensor) -> Tensor {
      let y = x.cast(to: .float32)
      return (y * y * y).cast(to: .float64).sum()
    }
    let slope = gradient(at: x, of: cubes)
    #expect(slope.array == (x * x * 3).array)
    let second = gradient(at: x) { x in gradient(at: x, of: cubes).sum() }
    #expect(second.array == (x * 6).array)
    let pushed = tangent(at: x, along: Tensor([1, 0.5, -1] as [Double]), of: cubes)
    #expect(pushed.tangent.item == -20.25)  // 3·¼·1 + 3·4·½ − 3·9
    let curvature = tangent(at: x, along: Tensor([1, 0.5, -1] as [Double])) { gradient(at: $0, of: cubes) }
    #expect(curvature.tangent.array == (x * Tensor([6, 3, -6] as [Double])).array)
  }

  @Test func aFloat32NetworkWithALossInFloat64() {
    let weight = Tensor([1, 2, 3, 4] as [Float], shape: [2, 2])
    let scale = Tensor([1, 10] as [Double])
    let slope = gradient(at: weight) { weight in
      let y = x[..<2].cast(to: .float32).matmul(weight)
      return (y.cast(to: .float64) * scale).sum()
    }
    #expect(slope.type == .float32)
    #expect(slope.array == NDArray([0.5, 5, -2, -20] as [Float], shape: [2, 2]))
  }
}
