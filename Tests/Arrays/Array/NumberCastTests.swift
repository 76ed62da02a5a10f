import Testing
import UnrollArrays
import UnrollTestSupport

/// Casts between the types of numbers, a whole vector at a time and a rest.
@Suite struct NumberCastTests {
  @Test(arguments: [0, 1, 16, 77]) func eachNumberIsRoundedByItself(_ count: Int) {
    var random = TestRandom(seed: 5)
    let numbers = (0..<count).map { _ in Double(Int64(truncatingIfNeeded: random.next() >> 12)) / 0x1p51 - 1 }
    let rounded = NDArray(numbers).cast(to: .float32)
    #expect(rounded.scalars(as: Float.self) == numbers.map { Float($0) })
    #expect(rounded.cast(to: .float64).scalars(as: Double.self) == numbers.map { Double(Float($0)) })
  }

  @Test func specialNumbers() {
    let special = NDArray([1 + 0x1p-24, 1 + 0x1.8p-24, 1e300, -.infinity, 0x1p-200])
    #expect(special.cast(to: .float32).scalars(as: Float.self) == [1, 1 + 0x1p-23, .infinity, -.infinity, 0])
    #expect(NDArray([Double.nan]).cast(to: .float32).item.isNaN)
    #expect(NDArray([Float.leastNonzeroMagnitude]).cast(to: .float64).item == Double(Float.leastNonzeroMagnitude))
  }
}
