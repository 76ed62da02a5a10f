import Testing
import UnrollKernelTemplates

@Test func lessIsFalseForNaN() {
  let a = SIMD4<Float>(1, .nan, 2, -0.0)
  let b = SIMD4<Float>(2, 1, 2, 0)
  let smaller = SIMD4<Float>.lower(a, b)
  #expect(smaller[0] == 1 && smaller[1] == 1 && smaller[2] == 2)
}
