internal import UnrollKernelTemplates

/// The power by repeated multiplication, which gives the same bits on every platform; `pow` of libm does not.
func power(_ base: Double, _ exponent: Int) -> Double {
  var (result, square, rest) = (1.0, base, exponent)
  while rest > 0 {
    if rest % 2 == 1 { result *= square }
    square *= square
    rest /= 2
  }
  return result
}

/// The power for any exponent, computed by the kernels' function without an array; the same bits on every platform.
func power(_ base: Double, _ exponent: Double) -> Double {
  Power.apply(SIMD2<Double>(repeating: base), SIMD2<Double>(repeating: exponent))[0]
}

/// The cosine, computed by the kernels' function.
func cosine(_ x: Double) -> Double { Cosine.apply(SIMD2<Double>(repeating: x))[0] }
