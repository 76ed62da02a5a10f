/// y[i] ← √y[i] / scale[i].
@inlinable @inline(__always)
func takeRoots<S: KernelScalar>(_ y: UnsafeMutablePointer<S>, _ scales: UnsafePointer<S>?, _ count: Int) {
  for i in 0..<count {
    let root = y[i].squareRoot()
    y[i] = scales.map { root / $0[i] } ?? root
  }
}

/// Replaces a magnitude by the power of two that scales it to about one, so that the squares of numbers up to that magnitude
/// neither overflow nor all vanish; 1 for zero, infinity and NaN.
@inlinable @inline(__always)
func takeScales<S: KernelScalar>(_ y: UnsafeMutablePointer<S>, _ count: Int) {
  for i in 0..<count {
    let magnitude = y[i]
    if magnitude > 0 && magnitude < S.infinity {
      // The scale of a subnormal is limited by the largest finite power of two.
      let exponent = max(magnitude.exponent, S.leastNormalMagnitude.exponent)
      y[i] = S(sign: .plus, exponent: 0 - exponent, significand: 1)
    } else {
      y[i] = 1
    }
  }
}
