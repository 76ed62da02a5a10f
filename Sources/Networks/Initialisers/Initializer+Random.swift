internal import UnrollArrays
internal import UnrollAutograd

/// Independent numbers, for any shape.
extension Initializer {
  /// Numbers uniform in the range.
  ///
  ///     var generator = Generator(seed: 1)
  ///     let weight = Initializer.uniform(in: -0.1..<0.1)([3, 4], using: &generator)
  public static func uniform(in range: Range<Double>) -> Initializer {
    Initializer { shape, type, generator in Tensor.uniform(shape, in: range, type, using: &generator) }
  }

  /// Normally distributed numbers with mean 0.
  ///
  ///     var generator = Generator(seed: 1)
  ///     let table = Initializer.normal(deviation: 0.02)([100, 16], using: &generator)
  public static func normal(deviation: Double) -> Initializer {
    Initializer { shape, type, generator in
      Tensor.normal(shape, deviation: deviation, type, using: &generator)
    }
  }

  /// Normally distributed numbers with mean 0, cut off at two deviations.
  ///
  /// `deviation` is that of the distribution before the cut, which reduces it by a factor of 0.88.
  ///
  ///     var generator = Generator(seed: 1)
  ///     let table = Initializer.truncatedNormal(deviation: 0.02)([100, 16], using: &generator)
  public static func truncatedNormal(deviation: Double) -> Initializer {
    Initializer { shape, type, generator in
      Tensor.truncatedNormal(shape, deviation: deviation, type, using: &generator)
    }
  }

  /// Columns with a fixed number of normally distributed entries at random places, and zeros elsewhere: every output reads a
  /// few inputs.
  ///
  ///     var generator = Generator(seed: 1)
  ///     let weight = Initializer.sparse(nonzerosPerColumn: 15)([64, 32], using: &generator)
  public static func sparse(nonzerosPerColumn count: Int, deviation: Double = 1) -> Initializer {
    Initializer { shape, type, generator in
      shape.requireMatrix("sparse")
      let (rows, columns) = (shape[0], shape[1])
      require(count > 0 && count <= rows, "sparse: \(count) nonzeros do not fit into a column of shape \(shape)")
      let values = NDArray.normal([columns, count], deviation: deviation, type, using: &generator)
      let places = (0..<columns).flatMap { _ in Indices.permutation(rows, using: &generator).values.prefix(count) }
      let indices = Indices(places, shape: [columns, count])
      let transposed = NDArray.zeros([columns, rows], type).scatteredAdding(values, elements: indices, axis: 1)
      return Tensor(transposed.transposed().contiguous())
    }
  }
}
