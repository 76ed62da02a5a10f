internal import UnrollKernelTemplates

/// The base multiplied by itself: the same bits everywhere, which no library's power promises.
func power(_ base: Double, _ exponent: Int) -> Double {
  var (result, square, rest) = (1.0, base, exponent)
  while rest > 0 {
    if rest % 2 == 1 { result *= square }
    square *= square
    rest /= 2
  }
  return result
}

/// The base to any power, by the kernels' function: the same bits everywhere, and no array is made for it.
func power(_ base: Double, _ exponent: Double) -> Double {
  Power.apply(SIMD2<Double>(repeating: base), SIMD2<Double>(repeating: exponent))[0]
}

/// The cosine, by the kernels' function.
func cosine(_ x: Double) -> Double { Cosine.apply(SIMD2<Double>(repeating: x))[0] }
