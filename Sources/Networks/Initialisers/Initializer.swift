public import UnrollArrays
public import UnrollAutograd

/// A rule for filling a parameter before training: a shape, an element type and a generator give a tensor.
///
/// Matrices have the shape `[inputs, outputs]`, because layers compute x·W. The same seed gives the same bits.
///
///     var generator = Generator(seed: 1)
///     let weight = Initializer.glorotUniform([3, 4], using: &generator)
public struct Initializer: Sendable {
  private let draw: @Sendable (_ shape: Shape, _ type: ElementType, _ generator: inout Generator) -> Tensor

  /// A custom initialiser; the closure must return a tensor of the given shape and element type.
  ///
  ///     let ramp = Initializer { shape, type, _ in Tensor.range(shape.elementCount, type).reshaped(shape) }
  public init(_ draw: @escaping @Sendable (_ shape: Shape, _ type: ElementType, _ generator: inout Generator) -> Tensor) {
    self.draw = draw
  }

  /// A tensor of the given shape.
  ///
  ///     var generator = Generator(seed: 1)
  ///     let bias = Initializer.zeros([4], using: &generator)
  public func callAsFunction(_ shape: Shape, _ type: ElementType = .float32, using generator: inout Generator) -> Tensor {
    require(shape.allSatisfy { $0 > 0 }, "Initializer: shape \(shape) has an extent that is not positive")
    let tensor = draw(shape, type, &generator)
    require(
      tensor.shape == shape && tensor.type == type,
      "Initializer: asked for \(type) of shape \(shape), the closure made \(tensor.type) of shape \(tensor.shape)")
    return tensor
  }
}

/// Initialisers that do not use the generator.
extension Initializer {
  /// Zeros.
  public static let zeros = constant(0)

  /// Ones.
  public static let ones = constant(1)

  /// The same number everywhere.
  public static func constant(_ number: Double) -> Initializer {
    Initializer { shape, type, _ in Tensor.full(shape, number, type) }
  }

  /// The square identity matrix times `scale`: the recurrent weights of an IRNN.
  ///
  ///     var generator = Generator(seed: 1)
  ///     let recurrent = Initializer.identity()([8, 8], using: &generator)
  public static func identity(scale: Double = 1) -> Initializer {
    Initializer { shape, type, _ in
      shape.requireSquare("identity")
      return Tensor.identity(shape[0], type) * scale
    }
  }
}

extension Shape {
  /// Stops unless this is the shape of a matrix.
  func requireMatrix(_ initializer: String) {
    require(count == 2, "\(initializer): shape \(self) is not that of a matrix [inputs, outputs]")
  }

  /// Stops unless this is the shape of a square matrix.
  func requireSquare(_ initializer: String) {
    require(count == 2 && self[0] == self[1], "\(initializer): shape \(self) is not that of a square matrix")
  }
}

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

/// Matrices of independent numbers with mean 0 and a variance that preserves the scale of signals from layer to layer.
///
/// For weights `[inputs, outputs]` the fan-in is `shape[0]` and the fan-out `shape[1]`; other ranks stop the program. Normal
/// numbers are not truncated.
extension Initializer {
  /// Uniform numbers within ±√(6 / (inputs + outputs)): variance 2 / (inputs + outputs), for tanh and sigmoid.
  ///
  ///     var generator = Generator(seed: 1)
  ///     let weight = Initializer.glorotUniform([3, 4], using: &generator)
  public static let glorotUniform = uniform("glorotUniform") { 2 / ($0 + $1) }

  /// Normal numbers of variance 2 / (inputs + outputs), for tanh and sigmoid.
  public static let glorotNormal = normal("glorotNormal") { 2 / ($0 + $1) }

  /// Uniform numbers within ±√(6 / inputs): variance 2 / inputs, for relu.
  public static let heUniform = uniform("heUniform") { inputs, _ in 2 / inputs }

  /// Normal numbers of variance 2 / inputs, for relu.
  public static let heNormal = normal("heNormal") { inputs, _ in 2 / inputs }

  /// Uniform numbers within ±√(3 / inputs): variance 1 / inputs, for selu and linear layers.
  public static let leCunUniform = uniform("leCunUniform") { inputs, _ in 1 / inputs }

  /// Normal numbers of variance 1 / inputs, for selu and linear layers.
  public static let leCunNormal = normal("leCunNormal") { inputs, _ in 1 / inputs }

  private typealias Variance = @Sendable (_ inputs: Double, _ outputs: Double) -> Double

  private static func uniform(_ name: String, _ variance: @escaping Variance) -> Initializer {
    Initializer { shape, type, generator in
      shape.requireMatrix(name)
      let bound = (3 * variance(Double(shape[0]), Double(shape[1]))).squareRoot()
      return uniform(in: -bound..<bound)(shape, type, using: &generator)
    }
  }

  private static func normal(_ name: String, _ variance: @escaping Variance) -> Initializer {
    Initializer { shape, type, generator in
      shape.requireMatrix(name)
      let deviation = variance(Double(shape[0]), Double(shape[1])).squareRoot()
      return normal(deviation: deviation)(shape, type, using: &generator)
    }
  }
}
