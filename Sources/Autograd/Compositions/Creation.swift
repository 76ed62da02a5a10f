public import UnrollArrays

extension Tensor {
  /// Zeros.
  ///
  ///     let h = Tensor.zeros([32, 64])
  public static func zeros(_ shape: Shape, _ type: ElementType = .float32) -> Tensor { Tensor(NDArray.zeros(shape, type)) }

  /// Ones.
  public static func ones(_ shape: Shape, _ type: ElementType = .float32) -> Tensor { Tensor(NDArray.ones(shape, type)) }

  /// The same number everywhere.
  public static func full(_ shape: Shape, _ number: Double, _ type: ElementType = .float32) -> Tensor {
    Tensor(NDArray.full(shape, number, type))
  }

  /// The identity matrix.
  public static func identity(_ n: Int, _ type: ElementType = .float32) -> Tensor { Tensor(NDArray.identity(n, type)) }

  /// The numbers 0, 1, 2, … as a vector.
  ///
  ///     Tensor.range(4)  // 0, 1, 2, 3
  public static func range(_ count: Int, _ type: ElementType = .float32) -> Tensor { Tensor(NDArray.range(count, type)) }

  /// The numbers start, start + step, … below end, or above end if the step is negative.
  ///
  ///     Tensor.range(from: 1, to: 2, by: 0.25)  // 1, 1.25, 1.5, 1.75
  public static func range(from start: Double, to end: Double, by step: Double, _ type: ElementType = .float32) -> Tensor {
    Tensor(NDArray.range(from: start, to: end, by: step, type))
  }

  /// `count` equally spaced numbers, both ends included.
  ///
  ///     Tensor.linearSpace(0, 1, count: 5)  // 0, 0.25, 0.5, 0.75, 1
  public static func linearSpace(_ start: Double, _ end: Double, count: Int, _ type: ElementType = .float32) -> Tensor {
    Tensor(NDArray.linearSpace(start, end, count: count, type))
  }
}

extension Tensor {
  /// Uniformly distributed numbers of the given shape.
  ///
  /// They are lower + (upper − lower)·u, with u a multiple of 2⁻²⁴ (float32) or 2⁻⁵³ (float64) in [0, 1); the upper bound
  /// itself never occurs. Element k depends only on the generator's word at counter + k, and the counter advances by the number
  /// of elements.
  ///
  ///     var generator = Generator(seed: 1)
  ///     let x = Tensor.uniform([2, 3], in: -1..<1, using: &generator)
  public static func uniform(
    _ shape: Shape, in range: Range<Double> = 0..<1, _ type: ElementType = .float32, using generator: inout Generator
  ) -> Tensor {
    Tensor(NDArray.uniform(shape, in: range, type, using: &generator))
  }

  /// Normally distributed numbers of the given shape: mean + deviation·z.
  ///
  /// z is the normal quantile of the generator's word, accurate to 13 digits; float32 is the rounded float64. Element k depends
  /// only on the word at counter + k, and the counter advances by the number of elements.
  ///
  ///     var generator = Generator(seed: 1)
  ///     let weights = Tensor.normal([128, 64], deviation: 0.1, using: &generator)
  public static func normal(
    _ shape: Shape, mean: Double = 0, deviation: Double = 1, _ type: ElementType = .float32, using generator: inout Generator
  ) -> Tensor {
    Tensor(NDArray.normal(shape, mean: mean, deviation: deviation, type, using: &generator))
  }

  /// Normally distributed numbers of the given shape, truncated to `bound` deviations from the mean, by default two.
  ///
  /// The truncated density is rescaled, not clamped: nothing accumulates at the bounds, and the deviation of the result is
  /// smaller than the given one (0.88 of it for two).
  ///
  ///     var generator = Generator(seed: 1)
  ///     let weights = Tensor.truncatedNormal([128, 64], deviation: 0.02, using: &generator)
  public static func truncatedNormal(
    _ shape: Shape, mean: Double = 0, deviation: Double = 1, within bound: Double = 2, _ type: ElementType = .float32,
    using generator: inout Generator
  ) -> Tensor {
    Tensor(NDArray.truncatedNormal(shape, mean: mean, deviation: deviation, within: bound, type, using: &generator))
  }

  /// Ones with the given probability, and zeros, in the given shape: 1 where `Mask.bernoulli` is true.
  ///
  ///     var generator = Generator(seed: 1)
  ///     let kept = Tensor.bernoulli([4, 4], probability: 0.9, using: &generator)
  public static func bernoulli(
    _ shape: Shape, probability: Double = 0.5, _ type: ElementType = .float32, using generator: inout Generator
  ) -> Tensor {
    Tensor(NDArray.bernoulli(shape, probability: probability, type, using: &generator))
  }
}
