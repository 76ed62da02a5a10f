internal import UnrollArrays

extension NDArray {
  /// The largest singular value of a float64 matrix, without the others; NaN where the matrix is not finite.
  ///
  /// With G = AᵀA or A Aᵀ, λ its largest eigenvalue and n its size, λ ≤ (tr Gᵖ)^(1/p) ≤ n^(1/p) λ: as every product doubles p, some
  /// fifty of them leave no error beyond rounding, however close the next singular value is, and a few do where it is far.
  func largestSingularValue() -> Double {
    let scale = norm(order: .infinity).item
    if !scale.isFinite { return .nan }
    if scale == 0 { return 0 }
    let a = self / scale
    var powers = shape[0] < shape[1] ? a.matmul(a.transposed()) : a.transposed().matmul(a)
    // log λ is the sum of log tᵢ / 2ⁱ, tᵢ being the traces by which powers are brought to trace 1; where they do not change any more,
    // the rest of the sum is as large as its last term.
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
