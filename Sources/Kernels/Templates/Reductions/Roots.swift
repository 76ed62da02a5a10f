/// y[i] ← √y[i] / scale[i].
@inlinable @inline(__always)
func takeRoots<S: KernelScalar>(_ y: UnsafeMutablePointer<S>, _ scales: UnsafePointer<S>?, _ count: Int) {
  for i in 0..<count {
    let root = y[i].squareRoot()
    y[i] = scales.map { root / $0[i] } ?? root
  }
}

/// Replaces a magnitude by the power of two that brings it near one, so that squares of what is at most as large neither
/// overflow nor vanish together; 1 for zero, infinity and NaN.
@inlinable @inline(__always)
func takeScales<S: KernelScalar>(_ y: UnsafeMutablePointer<S>, _ count: Int) {
  for i in 0..<count {
    let magnitude = y[i]
    if magnitude > 0 && magnitude < S.infinity {
      // A power beyond the largest finite one would bring a subnormal no nearer.
      let exponent = max(magnitude.exponent, S.leastNormalMagnitude.exponent)
      y[i] = S(sign: .plus, exponent: 0 - exponent, significand: 1)
    } else {
      y[i] = 1
    }
  }
}
