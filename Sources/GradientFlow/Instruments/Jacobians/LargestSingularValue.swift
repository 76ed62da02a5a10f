internal import UnrollArrays

extension NDArray {
  /// The largest singular value of a float64 matrix, without computing the others; NaN if the matrix is not finite.
  ///
  /// With G = AᵀA or A Aᵀ, of size n and with largest eigenvalue λ, λ ≤ (tr Gᵖ)^(1/p) ≤ n^(1/p) λ. Every product doubles p, so
  /// that about fifty products leave no error beyond rounding, however close the next singular value is; a few are enough if it
  /// is far away.
  func largestSingularValue() -> Double {
    let scale = norm(order: .infinity).item
    if !scale.isFinite { return .nan }
    if scale == 0 { return 0 }
    let a = self / scale
    var powers = shape[0] < shape[1] ? a.matmul(a.transposed()) : a.transposed().matmul(a)
    // log λ is the sum of log tᵢ / 2ⁱ, where tᵢ is the trace by which the i-th power is normalised. Once the traces stop
    // changing, the rest of the sum equals its last term.
    var (logarithm, weight, last) = (0.0, 1.0, 0.0)
    for _ in 0..<50 {
      let trace = powers.diagonal().sum().item
      last = weight * logarithms([trace])[0]
      logarithm += last
      if weight < 1 && trace >= 1 - 0x1p-50 { break }
      powers = powers / trace
      powers = powers.matmul(powers)
      weight /= 2
    }
    return scale * exponential((logarithm + last) / 2)
  }
}
