import Testing
@testable import UnrollArrays

@Test func aShapeCountsItsElements() {
  #expect(([2, 3, 4] as Shape).elementCount == 24)
  #expect(([] as Shape).elementCount == 1)
  #expect(([3, 0, 5] as Shape).elementCount == 0)
}
