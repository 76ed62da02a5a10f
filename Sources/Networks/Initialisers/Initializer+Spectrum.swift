internal import UnrollArrays
internal import UnrollAutograd

/// Matrices with known singular values or eigenvalues; computed in float64 and rounded at the end.
extension Initializer {
  /// A matrix with orthonormal columns (rows, if it is wide) times a gain, uniform over all such matrices.
  ///
  /// It is the Q of a normally distributed matrix A = Q R, made unique by a nonnegative diagonal of R.
  ///
  ///     var generator = Generator(seed: 1)
  ///     let recurrent = Initializer.orthogonal()([8, 8], using: &generator)
  public static func orthogonal(gain: Double = 1) -> Initializer {
    require(gain.isFinite, "orthogonal: a gain of \(gain) is not finite")
    return Initializer { shape, type, generator in
      shape.requireMatrix("orthogonal")
      let isWide = shape[0] < shape[1]
      let tall: Shape = isWide ? [shape[1], shape[0]] : shape
      let q = NDArray.normal(tall, .float64, using: &generator).qr().q * gain
      return Tensor((isWide ? q.transposed().contiguous() : q).cast(to: type))
    }
  }

  /// A square normally distributed matrix, scaled so that its largest eigenvalue has the given magnitude: the reservoir of an
  /// echo state network.
  ///
  /// The radius before scaling is measured as ‖Aᵏ‖^(1/k) with k = 2³⁰ in float64, which works for complex eigenvalues and ties.
  /// It is too large by a factor of at most (√n κ)^(1/k), where κ is the condition number of the eigenvectors: a relative error
  /// of 2·10⁻⁸ for √n κ = 10⁹.
  ///
  ///     var generator = Generator(seed: 1)
  ///     let reservoir = Initializer.spectralRadius(0.9)([50, 50], using: &generator)
  public static func spectralRadius(_ radius: Double) -> Initializer {
    require(radius >= 0 && radius.isFinite, "spectralRadius: \(radius) is not finite and at least 0")
    return Initializer { shape, type, generator in
      shape.requireSquare("spectralRadius")
      let matrix = NDArray.normal(shape, .float64, using: &generator)
      return Tensor((matrix * (radius / growth(of: matrix, doublings: 30))).cast(to: type))
    }
  }

  /// ‖Aᵏ‖^(1/k) for k = 2^doublings, by repeated squaring.
  ///
  /// Every power is divided by its norm before it is squared, so that nothing overflows. The result is the product of the
  /// norms, each raised to its share: s₀ · √(s₁ · √(s₂ · …)).
  private static func growth(of matrix: NDArray, doublings: Int) -> Double {
    var power = matrix
    var norms = [power.norm().item]
    for _ in 0..<doublings {
      power = power / norms[norms.count - 1]
      power = power.matmul(power)
      norms.append(power.norm().item)
    }
    return norms.reversed().reduce(1) { $1 * $0.squareRoot() }
  }
}
