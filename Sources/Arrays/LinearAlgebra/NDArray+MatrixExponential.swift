extension NDArray {
  /// exp A = Σ Aᵏ / k! of square matrices `[..., n, n]`; NaN if a matrix is not finite.
  ///
  /// In float64, by the series of A / 2ˢ to the 16th power, where no row sum exceeds ½, and s squarings.
  package func matrixExponential() -> NDArray {
    require(
      rank >= 2 && shape[rank - 1] == shape[rank - 2], "matrixExponential: shape \(shape) does not end in a square")
    if count == 0 { return self }
    let x = cast(to: .float64)
    let norm = x.magnitude().sum(axes: -1).max().item
    if !norm.isFinite { return NDArray.full(shape, .nan, type) }
    let squarings = norm > 0.5 ? Int((norm * 2).exponent) + 1 : 0
    // Where squares would overflow, the result does too.
    if squarings > 64 { return NDArray.full(shape, .nan, type) }
    let scaled = x * Double(sign: .plus, exponent: -squarings, significand: 1)
    let one = NDArray.identity(shape[rank - 1], .float64)
    var result = scaled / 16 + one
    for k in (1..<16).reversed() { result = scaled.matmul(result) / Double(k) + one }
    for _ in 0..<squarings { result = result.matmul(result) }
    return result.cast(to: type)
  }
}
