internal import UnrollArrays
internal import UnrollAutograd

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
