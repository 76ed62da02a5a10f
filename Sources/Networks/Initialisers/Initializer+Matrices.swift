internal import UnrollArrays
internal import UnrollAutograd

/// Parameters that hold several gates side by side in their last axis.
extension Initializer {
  /// Equal blocks of the last axis, each initialised separately, with the fans of one block.
  ///
  ///     // For an LSTM with gates i f g o: forget biases of 1, the others 0.
  ///     var generator = Generator(seed: 1)
  ///     let bias = Initializer.perGate([.zeros, .ones, .zeros, .zeros])([4 * 8], using: &generator)
  public static func perGate(_ initializers: [Initializer]) -> Initializer {
    require(!initializers.isEmpty, "perGate: the list of initialisers is empty")
    return Initializer { shape, type, generator in
      require(
        shape.count > 0 && shape[shape.count - 1] % initializers.count == 0,
        "perGate: the last axis of shape \(shape) does not split into \(initializers.count) equal blocks")
      var block = shape
      block[shape.count - 1] /= initializers.count
      return Tensor.concatenate(initializers.map { $0(block, type, using: &generator) }, axis: -1)
    }
  }

  /// The same initialiser for each of `count` gates.
  ///
  ///     var generator = Generator(seed: 1)
  ///     let recurrent = Initializer.perGate(4, .orthogonal())([8, 4 * 8], using: &generator)
  public static func perGate(_ count: Int, _ initializer: Initializer) -> Initializer {
    require(count > 0, "perGate: a count of \(count) gates is not positive")
    return perGate(Array(repeating: initializer, count: count))
  }

  /// The bias `[4 * hidden]` of an LSTM with gates i f g o whose initial memory spans up to `longest` steps (chrono
  /// initialisation).
  ///
  /// Forget biases are ln u with u uniform in [1, longest − 1), so that units forget over about 1 + u steps. Input biases are
  /// minus the forget biases, and the others 0.
  ///
  ///     var generator = Generator(seed: 1)
  ///     let bias = Initializer.chrono(longest: 784)([4 * 8], using: &generator)
  public static func chrono(longest: Double) -> Initializer {
    require(longest > 2 && longest.isFinite, "chrono: a longest dependency of \(longest) steps is not a finite number above 2")
    return Initializer { shape, type, generator in
      require(
        shape.count == 1 && shape[0] % 4 == 0, "chrono: shape \(shape) is not that of the biases of four gates [4 * hidden]")
      let hidden = shape[0] / 4
      let forget = NDArray.uniform([hidden], in: 1..<(longest - 1), .float64, using: &generator).log().cast(to: type)
      let zeros = NDArray.zeros([2 * hidden], type)
      return Tensor(NDArray.concatenate([-forget, forget, zeros], axis: 0))
    }
  }
}

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
    require(radius >= 0 && radius.isFinite, "spectralRadius: \(radius) is negative or not finite")
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
